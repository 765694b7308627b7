-- A new version of listed products whose page shows something that changed elsewhere: the name of
-- their seller or of their category. Nothing of the products' own changed, so that no event speaks
-- of it. Pages that are not public are never answered by their version alone, so they need none.
-- The caller holds the rows, locked in the order of their ids.
CREATE OR REPLACE FUNCTION catalog.renew_pages_v1(p_ids uuid[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.now();
BEGIN
    UPDATE catalog.product p SET version = p.version + 1, updated_at = v_now WHERE p.id = ANY (p_ids);
END $$;
