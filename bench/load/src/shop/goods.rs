//! The goods of the small shop, put into the tables as the app would have.

use anyhow::Result;
use tokio_postgres::Client;
use uuid::Uuid;

use crate::ids::{self, Kind};

/// Pages come to about two kilobytes: what a shop's product page is made of, not an empty shell.
pub async fn products(sql: &Client, seller: Uuid) -> Result<()> {
    let category = ids::id(Kind::Category, 0);
    sql.execute(
        "INSERT INTO catalog.category (id, slug, name, path) VALUES ($1, 'bench', 'Bench', 'bench')",
        &[&category],
    )
    .await?;
    sql.execute(
        "INSERT INTO catalog.seller (id, name, sequence) VALUES ($1, 'Somebody', 1) ON CONFLICT DO NOTHING",
        &[&seller],
    )
    .await?;
    let count = i64::try_from(ids::PRODUCTS)?;
    // Pages that changed a moment ago are not cached, so these have been there for a while.
    sql.execute(
        "INSERT INTO catalog.product
            (id, seller_id, slug, name, description, category_id, specifications, currency, status,
             lowest_price, first_listed_at, created_at, updated_at)
         SELECT ($1::text || lpad(to_hex(n), 12, '0'))::uuid, $2, 'thing-' || n, 'Thing number ' || n,
                repeat('It is well made, of good stuff, and will last for years. ', 12), $3,
                '{\"weight\": \"1 kg\", \"material\": \"oak\", \"origin\": \"Da Lat\"}', 'VND', 'active',
                100000, t, t, t
         FROM generate_series(0, $4::bigint - 1) AS n,
              (SELECT shared.now() - interval '1 hour') AS listed(t)",
        &[&ids::prefix(Kind::Product), &seller, &category, &count],
    )
    .await?;
    let variants = i64::try_from(ids::VARIANTS)?;
    sql.execute(
        "INSERT INTO catalog.variant (id, product_id, sku, attributes, price, weight_g, position)
         SELECT ($1::text || lpad(to_hex(n * $3::bigint + k), 12, '0'))::uuid,
                ($2::text || lpad(to_hex(n), 12, '0'))::uuid,
                'T-' || n || '-' || k, jsonb_build_object('size', 'size ' || k, 'colour', 'brown'),
                100000 + 5000 * k, 1000, k::integer
         FROM generate_series(0, $4::bigint - 1) AS n, generate_series(0, $3::bigint - 1) AS k",
        &[
            &ids::prefix(Kind::Variant),
            &ids::prefix(Kind::Product),
            &variants,
            &count,
        ],
    )
    .await?;
    Ok(())
}

/// More of each variant than can be sold.
pub async fn stock(sql: &Client, seller: Uuid) -> Result<()> {
    let warehouse = ids::id(Kind::Warehouse, 0);
    sql.execute(
        "INSERT INTO inventory.warehouse (id, seller_id, name, created_at) VALUES ($1, $2, 'main', shared.now())",
        &[&warehouse, &seller],
    )
    .await?;
    // Stock and ledger agree, as the app would have written them.
    sql.execute(
        "WITH stocked AS (
             INSERT INTO inventory.stock (variant_id, warehouse_id, seller_id, on_hand, updated_at)
             SELECT ($1::text || lpad(to_hex(n), 12, '0'))::uuid, $2, $3, 100000000, shared.now()
             FROM generate_series(0, $4::bigint - 1) AS n
             RETURNING *)
         INSERT INTO inventory.movement (variant_id, warehouse_id, kind, on_hand_delta, reserved_delta, actor_id, at)
         SELECT variant_id, warehouse_id, 'import', on_hand, 0, seller_id, updated_at FROM stocked",
        &[
            &ids::prefix(Kind::Variant),
            &warehouse,
            &seller,
            &i64::try_from(ids::PRODUCTS * ids::VARIANTS)?,
        ],
    )
    .await?;
    Ok(())
}
