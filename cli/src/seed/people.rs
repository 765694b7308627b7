//! The demo accounts: two who sell, two who buy, one who administers.

use anyhow::{Result, anyhow};
use argon2::password_hash::{PasswordHasher, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use serde_json::json;
use tokio_postgres::Client;
use tokio_postgres::types::Json;

use super::ids::id;

/// The password of every demo account.
pub const PASSWORD: &str = "stoa-demo-2026";

/// One demo account.
pub struct Person {
    pub username: &'static str,
    pub name: &'static str,
    roles: &'static [&'static str],
}

pub const PEOPLE: &[Person] = &[
    Person {
        username: "mai",
        name: "Mai Trần",
        roles: &["member"],
    },
    Person {
        username: "anh",
        name: "An Nguyễn",
        roles: &["member"],
    },
    Person {
        username: "lan",
        name: "Lan Phạm",
        roles: &["member"],
    },
    Person {
        username: "tom",
        name: "Tom Baker",
        roles: &["member"],
    },
    Person {
        username: "admin",
        name: "Admin",
        roles: &["member", "moderator", "admin"],
    },
];

/// How many of [`PEOPLE`], from the first, sell.
pub const SELLERS: u64 = 2;

pub async fn insert(db: &Client) -> Result<()> {
    let password_hash = hash()?;
    let rows: Vec<_> = PEOPLE
        .iter()
        .zip(0_u64..)
        .map(|(p, n)| {
            json!({
                "id": id("account", n), "username": p.username, "name": p.name, "roles": p.roles,
                "email": format!("{}@example.org", p.username),
            })
        })
        .collect();
    let rows = Json(rows);
    db.execute(
        "INSERT INTO account.account (id, email, email_verified_at, username, password_hash, name, country,
                                      locale, roles, created_at, updated_at)
         SELECT r.id, r.email, shared.now(), r.username, $2, r.name, 'VN', 'vi', r.roles, shared.now(), shared.now()
         FROM jsonb_to_recordset($1) AS r(id uuid, email text, username text, name text, roles text[])
         ON CONFLICT DO NOTHING",
        &[&rows, &password_hash],
    )
    .await?;
    for table in ["catalog.seller", "notification.person"] {
        db.execute(
            &format!(
                "INSERT INTO {table} (id, name, sequence)
                 SELECT r.id, r.name, 1 FROM jsonb_to_recordset($1) AS r(id uuid, name text)
                 ON CONFLICT DO NOTHING"
            ),
            &[&rows],
        )
        .await?;
    }
    Ok(())
}

/// One hash for all: they share the password, and it is written in the README.
fn hash() -> Result<String> {
    let params = Params::new(19_456, 2, 1, None).map_err(|e| anyhow!("argon2: {e}"))?;
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(|e| anyhow!("randomness: {e}"))?;
    let salt = SaltString::encode_b64(&bytes).map_err(|e| anyhow!("salt: {e}"))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password(PASSWORD.as_bytes(), &salt)
        .map_err(|e| anyhow!("argon2: {e}"))?
        .to_string())
}
