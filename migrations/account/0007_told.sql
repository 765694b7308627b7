-- Owners are told of each way into their account that is made, and of each lock that is put on or taken off.

-- Functions that get other parameters: what lies beside the code makes them anew.
DROP FUNCTION IF EXISTS account.add_api_key_v1(
    uuid, text, text, text, jsonb, uuid, uuid, text, bytea, text, text[], text);
DROP FUNCTION IF EXISTS account.confirm_totp_v1(uuid, text, text, uuid, bigint, uuid, text[]);
DROP FUNCTION IF EXISTS account.remove_totp_v1(uuid, text, text, text, jsonb, uuid);
DROP FUNCTION IF EXISTS account.link_identity_v1(bytea, uuid, uuid);
DROP FUNCTION IF EXISTS account.reinstate_v1(uuid, uuid);
DROP FUNCTION IF EXISTS account.end_suspension_v1(uuid, account.account);
