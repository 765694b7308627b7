//! Categories, products and stock of the demo.

use anyhow::Result;
use serde_json::{Value, json};
use tokio_postgres::Client;
use tokio_postgres::types::Json;
use uuid::Uuid;

use super::ids::id;
use super::people::SELLERS;

/// Parent (or nothing), slug and name.
const CATEGORIES: &[(&str, &str, &str)] = &[
    ("", "home", "Home"),
    ("home", "lighting", "Lighting"),
    ("home", "kitchen", "Kitchen"),
    ("home", "textiles", "Textiles"),
    ("", "fashion", "Fashion"),
    ("fashion", "bags", "Bags"),
    ("fashion", "shoes", "Shoes"),
    ("", "food", "Food"),
    ("food", "coffee", "Coffee"),
    ("food", "tea", "Tea"),
    ("", "books", "Books"),
    ("", "outdoors", "Outdoors"),
];

/// Category, name, price of the first variant in dong, and what the variants differ in.
const PRODUCTS: &[(&str, &str, i64, &str, &[&str])] = &[
    (
        "lighting",
        "Paper lantern of Hội An",
        120_000,
        "colour",
        &["red", "blue", "cream"],
    ),
    (
        "lighting",
        "Bamboo floor lamp",
        890_000,
        "height",
        &["120 cm", "150 cm"],
    ),
    (
        "kitchen",
        "Bát Tràng rice bowl",
        65_000,
        "glaze",
        &["white", "celadon", "indigo"],
    ),
    (
        "kitchen",
        "Phin coffee filter",
        85_000,
        "size",
        &["1 cup", "2 cups", "4 cups"],
    ),
    (
        "kitchen",
        "Acacia chopping board",
        240_000,
        "size",
        &["small", "large"],
    ),
    (
        "textiles",
        "Indigo linen throw",
        540_000,
        "size",
        &["130×170", "150×200"],
    ),
    (
        "textiles",
        "Hand-woven cushion cover",
        180_000,
        "pattern",
        &["plain", "stripes", "diamonds"],
    ),
    (
        "bags",
        "Water hyacinth basket",
        210_000,
        "size",
        &["S", "M", "L"],
    ),
    (
        "bags",
        "Waxed canvas backpack",
        1_150_000,
        "colour",
        &["olive", "sand"],
    ),
    (
        "shoes",
        "Canvas sneakers",
        690_000,
        "size",
        &["38", "39", "40", "41", "42"],
    ),
    (
        "coffee",
        "Robusta from Buôn Ma Thuột",
        145_000,
        "weight",
        &["250 g", "500 g", "1 kg"],
    ),
    (
        "coffee",
        "Arabica from Cầu Đất",
        195_000,
        "weight",
        &["250 g", "500 g"],
    ),
    (
        "tea",
        "Shan Tuyết green tea",
        260_000,
        "weight",
        &["100 g", "200 g"],
    ),
    (
        "tea",
        "Lotus tea of West Lake",
        480_000,
        "weight",
        &["50 g", "100 g"],
    ),
    (
        "books",
        "Cooking by the River",
        320_000,
        "binding",
        &["paperback", "hardcover"],
    ),
    (
        "books",
        "A Field Guide to Rain",
        210_000,
        "language",
        &["English", "Vietnamese"],
    ),
    (
        "outdoors",
        "Two-person hammock",
        380_000,
        "colour",
        &["green", "orange"],
    ),
    (
        "outdoors",
        "Steel water bottle",
        220_000,
        "volume",
        &["500 ml", "750 ml", "1 l"],
    ),
    (
        "outdoors",
        "Folding camp stool",
        310_000,
        "colour",
        &["black", "blue"],
    ),
    (
        "lighting",
        "Brass reading lamp",
        1_450_000,
        "finish",
        &["polished", "antique"],
    ),
];

const STOCK: i32 = 200;

/// How many products there are.
pub const fn count() -> usize {
    PRODUCTS.len()
}

pub async fn insert(db: &Client) -> Result<()> {
    categories(db).await?;
    let mut products = Vec::new();
    let mut variants = Vec::new();
    for ((category, name, price, attribute, values), n) in PRODUCTS.iter().zip(0_u64..) {
        let product = id("product", n);
        let seller = id("account", n % SELLERS);
        products.push(json!({
            "id": product, "seller_id": seller, "name": name, "slug": format!("demo-{n}"),
            "category_id": category_id(category), "price": price,
            "description": format!("{name}. Made in small numbers and sent within two days."),
        }));
        for (value, step) in values.iter().zip(0_i64..) {
            variants.push(json!({
                "id": id("variant", n * 100 + u64::try_from(step)?), "product_id": product, "seller_id": seller,
                "warehouse_id": id("warehouse", n % SELLERS), "sku": format!("D{n:03}-{step}"),
                "attributes": {*attribute: *value}, "price": price + price / 10 * step, "position": step,
            }));
        }
    }
    insert_products(db, products, &variants).await?;
    insert_stock(db, variants).await
}

fn category_id(slug: &str) -> Uuid {
    let n = CATEGORIES
        .iter()
        .position(|(_, s, _)| *s == slug)
        .unwrap_or(0);
    id("category", n as u64)
}

async fn categories(db: &Client) -> Result<()> {
    for ((parent, slug, name), n) in CATEGORIES.iter().zip(0_i32..) {
        let parent_id = (!parent.is_empty()).then(|| category_id(parent));
        let path = if parent.is_empty() {
            (*slug).to_owned()
        } else {
            format!("{parent}/{slug}")
        };
        db.execute(
            "INSERT INTO catalog.category (id, parent_id, slug, name, path, position)
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
            &[&category_id(slug), &parent_id, slug, name, &path, &n],
        )
        .await?;
    }
    Ok(())
}

async fn insert_products(db: &Client, products: Vec<Value>, variants: &[Value]) -> Result<()> {
    db.execute(
        "INSERT INTO catalog.product (id, seller_id, slug, name, description, category_id, currency, status,
                                      lowest_price, first_listed_at, created_at, updated_at)
         SELECT r.id, r.seller_id, r.slug, r.name, r.description, r.category_id, 'VND', 'active',
                r.price, shared.now(), shared.now(), shared.now()
         FROM jsonb_to_recordset($1) AS r(id uuid, seller_id uuid, slug text, name text, description text,
                                          category_id uuid, price bigint)
         ON CONFLICT DO NOTHING",
        &[&Json(products)],
    )
    .await?;
    db.execute(
        "WITH added AS (
             INSERT INTO catalog.variant (id, product_id, sku, attributes, price, weight_g, position)
             SELECT r.id, r.product_id, r.sku, r.attributes, r.price, 300, r.position
             FROM jsonb_to_recordset($1) AS r(id uuid, product_id uuid, sku text, attributes jsonb,
                                              price bigint, position integer)
             ON CONFLICT DO NOTHING RETURNING id, product_id, price)
         INSERT INTO catalog.price_history (variant_id, price, actor_id, changed_at)
         SELECT a.id, a.price, p.seller_id, shared.now() FROM added a JOIN catalog.product p ON p.id = a.product_id",
        &[&Json(variants)],
    )
    .await?;
    Ok(())
}

async fn insert_stock(db: &Client, variants: Vec<Value>) -> Result<()> {
    for n in 0..SELLERS {
        db.execute(
            "INSERT INTO inventory.warehouse (id, seller_id, name, created_at) VALUES ($1, $2, 'main', shared.now())
             ON CONFLICT DO NOTHING",
            &[&id("warehouse", n), &id("account", n)],
        )
        .await?;
    }
    db.execute(
        "WITH added AS (
             INSERT INTO inventory.stock (variant_id, warehouse_id, seller_id, on_hand, updated_at)
             SELECT r.id, r.warehouse_id, r.seller_id, $2, shared.now()
             FROM jsonb_to_recordset($1) AS r(id uuid, warehouse_id uuid, seller_id uuid)
             ON CONFLICT DO NOTHING RETURNING variant_id, warehouse_id, seller_id, on_hand)
         INSERT INTO inventory.movement (variant_id, warehouse_id, kind, on_hand_delta, reserved_delta,
                                         actor_id, reason, at)
         SELECT variant_id, warehouse_id, 'import', on_hand, 0, seller_id, 'demo data', shared.now() FROM added",
        &[&Json(variants), &STOCK],
    )
    .await?;
    Ok(())
}
