-- Takes the defaults that `p_id` is about to get from whichever contact has them. Before that, not
-- together with it: the unique indexes look at each row as it changes. The book is locked.
CREATE OR REPLACE FUNCTION account.take_defaults_v1(
    p_account uuid, p_id uuid, p_delivery boolean, p_pickup boolean
) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE account.contact c
    SET is_default_delivery = c.is_default_delivery AND NOT p_delivery,
        is_default_pickup = c.is_default_pickup AND NOT p_pickup,
        version = c.version + 1, updated_at = shared.now()
    WHERE c.account_id = p_account AND c.id <> p_id
      AND ((p_delivery AND c.is_default_delivery) OR (p_pickup AND c.is_default_pickup));
END $$;
