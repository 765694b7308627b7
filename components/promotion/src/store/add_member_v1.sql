-- Puts an account into a segment; again is harmless.
CREATE OR REPLACE FUNCTION promotion.add_member_v1(p_segment text, p_account uuid) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO promotion.segment_member (segment, account_id, added_at)
    VALUES (p_segment, p_account, shared.now())
    ON CONFLICT (segment, account_id) DO NOTHING;
    RETURN FOUND;
END $$;
