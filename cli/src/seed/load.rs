//! Puts batches into the tables: COPY into tables of the transaction's own, and from there, set by
//! set, to where rows belong, with the ledger and the copies that events would have made. What is
//! there already stays as it is.

use std::collections::BTreeMap;
use std::io::Cursor;

use anyhow::{Context, Result};
use futures::{SinkExt, pin_mut};
use serde_json::json;
use tokio_postgres::Client;
use tokio_postgres::types::Json;
use uuid::Uuid;

use super::Added;
use super::batch::Batch;
use super::ids::id;
use super::shops::Shop;
use super::words::Category;

/// Makes the tables that batches are loaded through.
pub async fn prepare(db: &Client) -> Result<()> {
    db.batch_execute(
        "CREATE TEMP TABLE seed_product (
             id uuid, seller_id uuid, slug text, name text, description text, category_id uuid,
             specifications jsonb, currency text, lowest_price bigint) ON COMMIT DROP;
         CREATE TEMP TABLE seed_variant (
             id uuid, product_id uuid, seller_id uuid, sku text, attributes jsonb, price bigint,
             weight_g integer, barcode text, position integer) ON COMMIT DROP;
         CREATE TEMP TABLE seed_stock (
             variant_id uuid, warehouse_id uuid, seller_id uuid, on_hand integer) ON COMMIT DROP",
    )
    .await
    .context("making the tables to load through")
}

/// Puts the categories in and gives their ids by slug: those with these slugs, whoever made them.
pub async fn categories(db: &Client, all: &[Category]) -> Result<BTreeMap<String, Uuid>> {
    let mut paths = BTreeMap::<&str, String>::new();
    let mut rows = Vec::new();
    for (n, category) in (0_u64..).zip(all) {
        let above = category.parent.as_deref().and_then(|slug| paths.get(slug));
        let path = above.map_or_else(
            || category.slug.clone(),
            |above| format!("{above}/{}", category.slug),
        );
        rows.push(json!({
            "id": id("category", n), "parent": category.parent, "slug": category.slug,
            "name": category.name, "path": path, "position": n,
        }));
        paths.insert(&category.slug, path);
    }
    // One by one, because a child asks for the id of its parent.
    for row in &rows {
        db.execute(
            "INSERT INTO catalog.category (id, parent_id, slug, name, path, position)
             SELECT r.id, parent.id, r.slug, r.name, r.path, r.position
             FROM jsonb_to_record($1) AS r(id uuid, parent text, slug text, name text, path text, position integer)
             LEFT JOIN catalog.category parent ON parent.slug = r.parent
             ON CONFLICT DO NOTHING",
            &[&Json(row)],
        )
        .await
        .context("inserting the categories")?;
    }
    let slugs: Vec<&str> = all.iter().map(|c| c.slug.as_str()).collect();
    let found = db
        .query(
            "SELECT slug, id FROM catalog.category WHERE slug = ANY ($1)",
            &[&slugs],
        )
        .await
        .context("reading the categories")?;
    Ok(found.iter().map(|row| (row.get(0), row.get(1))).collect())
}

/// Puts the warehouses in.
pub async fn warehouses(db: &Client, shops: &[Shop]) -> Result<()> {
    let rows: Vec<_> = shops
        .iter()
        .flat_map(|shop| {
            shop.warehouses.iter().map(|w| {
                json!({"id": w.id, "seller_id": shop.seller, "name": w.name, "priority": w.priority})
            })
        })
        .collect();
    db.execute(
        "INSERT INTO inventory.warehouse (id, seller_id, name, priority, created_at)
         SELECT r.id, r.seller_id, r.name, r.priority, shared.now()
         FROM jsonb_to_recordset($1) AS r(id uuid, seller_id uuid, name text, priority integer)
         ON CONFLICT DO NOTHING",
        &[&Json(rows)],
    )
    .await
    .context("inserting the warehouses")?;
    Ok(())
}

/// Puts one batch in and says what was missing.
pub async fn batch(db: &Client, batch: Batch) -> Result<Added> {
    db.batch_execute("TRUNCATE seed_product, seed_variant, seed_stock")
        .await?;
    copy(db, "seed_product", batch.products).await?;
    copy(db, "seed_variant", batch.variants).await?;
    copy(db, "seed_stock", batch.stock).await?;
    let mut added = Added::default();
    for (what, statement, count) in [
        ("products", PRODUCTS, &mut added.products),
        ("variants", VARIANTS, &mut added.variants),
        ("stock", STOCK, &mut added.stock_rows),
    ] {
        *count = db
            .execute(statement, &[])
            .await
            .with_context(|| format!("inserting the {what}"))?;
    }
    db.execute(AVAILABILITY, &[])
        .await
        .context("telling the catalogue of the stock")?;
    Ok(added)
}

async fn copy(db: &Client, table: &str, text: String) -> Result<()> {
    let sink = db
        .copy_in::<_, Cursor<Vec<u8>>>(&format!("COPY {table} FROM STDIN"))
        .await;
    let sink = sink.with_context(|| format!("copying into {table}"))?;
    pin_mut!(sink);
    sink.send(Cursor::new(text.into_bytes())).await?;
    sink.finish()
        .await
        .with_context(|| format!("copying into {table}"))?;
    Ok(())
}

const PRODUCTS: &str = "
    INSERT INTO catalog.product (id, seller_id, slug, name, description, category_id, specifications, currency,
                                 status, lowest_price, first_listed_at, created_at, updated_at)
    SELECT id, seller_id, slug, name, description, category_id, specifications, currency,
           'active', lowest_price, shared.now(), shared.now(), shared.now()
    FROM seed_product
    ON CONFLICT DO NOTHING";

// The count is that of the prices, one for each variant that was missing.
const VARIANTS: &str = "
    WITH added AS (
        INSERT INTO catalog.variant (id, product_id, sku, attributes, price, weight_g, barcode, position)
        SELECT v.id, v.product_id, v.sku, v.attributes, v.price, v.weight_g, v.barcode, v.position
        FROM seed_variant v JOIN catalog.product p ON p.id = v.product_id
        ON CONFLICT DO NOTHING RETURNING id, price)
    INSERT INTO catalog.price_history (variant_id, price, actor_id, changed_at)
    SELECT a.id, a.price, v.seller_id, shared.now() FROM added a JOIN seed_variant v ON v.id = a.id";

const STOCK: &str = "
    WITH added AS (
        INSERT INTO inventory.stock (variant_id, warehouse_id, seller_id, active, low_threshold, on_hand, updated_at)
        SELECT s.variant_id, w.id, w.seller_id, w.active, i.low_threshold, s.on_hand, shared.now()
        FROM seed_stock s
        JOIN inventory.warehouse w ON w.id = s.warehouse_id AND w.seller_id = s.seller_id
        LEFT JOIN inventory.item i ON i.variant_id = s.variant_id AND i.seller_id = s.seller_id
        -- Units of a variant that is tracked have serial numbers.
        WHERE i.serial_tracked IS NOT TRUE
        ON CONFLICT DO NOTHING RETURNING variant_id, warehouse_id, seller_id, on_hand)
    INSERT INTO inventory.movement (variant_id, warehouse_id, kind, on_hand_delta, reserved_delta,
                                    actor_id, reason, at)
    SELECT variant_id, warehouse_id, 'import', on_hand, 0, seller_id, 'demo data', shared.now() FROM added";

// As `inventory` tells it: what a seller has left, and as its sequence the sum of the versions of all
// stock of the variant.
const AVAILABILITY: &str = "
    INSERT INTO catalog.availability AS a (variant_id, seller_id, available, sequence)
    SELECT n.variant_id, n.seller_id, t.available, t.sequence
    FROM (SELECT DISTINCT variant_id, seller_id FROM seed_stock) n
    -- For each variant alone: a join would read all stock there is for every batch.
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(s.on_hand - s.reserved) FILTER (WHERE s.active AND s.seller_id = n.seller_id), 0)
                   AS available,
               sum(s.version) AS sequence
        FROM inventory.stock s WHERE s.variant_id = n.variant_id) t
    WHERE t.sequence IS NOT NULL
    ON CONFLICT (variant_id, seller_id) DO UPDATE
    SET available = excluded.available, sequence = excluded.sequence WHERE a.sequence < excluded.sequence";

/// From how many new products on it is quicker to make the indexes of the search anew than to put
/// everything into them row by row. Whoever searches meanwhile waits.
const MANY: u64 = 10_000;

/// Rebuilds what is derived from everything that was loaded.
pub async fn finish(db: &Client, added: Added) -> Result<()> {
    db.batch_execute(
        "ANALYZE catalog.product, catalog.variant, catalog.price_history, catalog.availability,
                 inventory.stock, inventory.movement",
    )
    .await
    .context("gathering statistics")?;
    let indexes = if added.products >= MANY {
        drop_search_indexes(db)
            .await
            .context("dropping the indexes of the search")?
    } else {
        Vec::new()
    };
    db.batch_execute("SELECT catalog.reindex_search_v1()")
        .await
        .context("making the products searchable")?;
    db.batch_execute(&indexes.join(";"))
        .await
        .context("making the indexes of the search")
}

/// Drops the indexes of the tables that search reads, apart from primary keys: the statements that
/// make them again.
async fn drop_search_indexes(db: &Client) -> Result<Vec<String>> {
    let rows = db
        .query(
            "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)
             FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
             WHERE c.relnamespace = 'catalog'::regnamespace AND c.relname LIKE 'search\\_%'
               AND NOT i.indisprimary",
            &[],
        )
        .await?;
    let mut making = Vec::new();
    for row in rows {
        let (name, statement): (String, String) = (row.get(0), row.get(1));
        db.batch_execute(&format!("DROP INDEX {name}")).await?;
        making.push(statement);
    }
    Ok(making)
}
