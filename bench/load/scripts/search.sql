-- The statement of one search; one such script for each query of the mix.
SELECT * FROM catalog.search_v1(ARRAY[{words}], {category}::uuid, NULL::bigint, NULL::bigint, {currency}::text, NULL::uuid, NULL::boolean, '{sort}', 20, NULL::integer, NULL::bigint, NULL::uuid, NULL::boolean);
