-- The statements of reading a cart; the last two side by side, as the app runs them.
\set b :client_id % {count}
SELECT version, lines FROM "order".cart_v1(('{{buyers}}'::uuid[])[:b::integer + 1], NULL::bytea) \gset c_
\startpipeline
SELECT * FROM catalog.get_variants_v1(ARRAY(SELECT l->>'variant_id' FROM jsonb_array_elements(:c_lines::jsonb) AS l));
SELECT * FROM inventory.look_v1(ARRAY(SELECT (l->>'variant_id')::uuid FROM jsonb_array_elements(:c_lines::jsonb) AS l), ARRAY(SELECT (l->>'seller_id')::uuid FROM jsonb_array_elements(:c_lines::jsonb) AS l));
\endpipeline
