-- Owners are told at a verified address when another one takes its place, and the tokens of a key for programs
-- end with it.

-- Functions that get other parameters, or answer more: what lies beside the code makes them anew.
DROP FUNCTION IF EXISTS account.verify_v1(bytea, uuid, text, text, uuid, text);
DROP FUNCTION IF EXISTS account.use_api_key_v1(bytea);
