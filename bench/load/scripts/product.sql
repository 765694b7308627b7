-- The statement of a product page. The id of a seeded product follows from its number.
\set n random(0, {pages} - 1)
SELECT * FROM catalog.product_page_v1(('{product}' || lpad(to_hex(:n::bigint), 12, '0'))::uuid, NULL::uuid, false);
