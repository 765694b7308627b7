-- Takes an account out of a segment; one that is not in it is harmless.
CREATE OR REPLACE FUNCTION promotion.remove_member_v1(p_segment text, p_account uuid) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM promotion.segment_member m WHERE m.segment = p_segment AND m.account_id = p_account;
    RETURN FOUND;
END $$;
