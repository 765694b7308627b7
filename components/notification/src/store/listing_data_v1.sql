-- What a `product.listed` notification says, with the seller's name as it is now.
CREATE OR REPLACE FUNCTION notification.listing_data_v1(p_listing notification.listing) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT p_listing.data || jsonb_build_object(
        'product_id', p_listing.product_id,
        'seller_id', p_listing.seller_id,
        'seller_name', (SELECT name FROM notification.person WHERE id = p_listing.seller_id))
$$;
