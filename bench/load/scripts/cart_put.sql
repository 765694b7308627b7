-- The statements of setting a line of a cart. Each client has a buyer, and so a cart, of its own.
\set b :client_id % {count}
\set n (:b * {lines} + random(0, {lines} - 1)) * {variants}
\set q random(1, 999)
SELECT * FROM catalog.get_variants_v1(ARRAY['{variant}' || lpad(to_hex(:n::bigint), 12, '0')]) \gset v_
SELECT "order".put_cart_line_v1(('{{buyers}}'::uuid[])[:b::integer + 1], NULL::bytea, jsonb_build_object('variant_id', :v_variant_id::uuid, 'product_id', :v_product_id::uuid, 'seller_id', :v_seller_id::uuid, 'name', :v_product_name::text, 'unit_price', :v_price::bigint, 'currency', :v_currency::text), :q::integer, NULL::boolean);
