-- A contact as other modules need it; without an id the default for deliveries. No row: the account
-- has none.
CREATE OR REPLACE FUNCTION account.get_contact_v1(p_account uuid, p_id uuid)
RETURNS TABLE (
    id uuid, receiver text, phone text, address_lines jsonb, city text, region text,
    postal_code text, country text
)
LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY
    SELECT c.id, c.receiver, c.phone, to_jsonb(c.address_lines), c.city, c.region, c.postal_code,
           c.country::text
    FROM account.contact c
    WHERE c.account_id = p_account
      AND CASE WHEN p_id IS NULL THEN c.is_default_delivery ELSE c.id = p_id END;
END $$;
