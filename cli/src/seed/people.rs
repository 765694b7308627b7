//! The demo accounts: five whose logins the README names, and fifteen more who sell and buy.

use anyhow::{Result, anyhow};
use argon2::password_hash::{PasswordHasher, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use serde_json::json;
use tokio_postgres::Client;
use tokio_postgres::types::Json;

use super::ids::id;

/// The password of every demo account.
pub const PASSWORD: &str = "stoa-demo-2026";

/// What a demo account does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Sells,
    Buys,
    Administers,
}

use Part::{Administers, Buys, Sells};

/// Username, name, country and part. The place in the list makes the id.
const PEOPLE: [(&str, &str, &str, Part); 20] = [
    ("mai", "Mai Trần", "VN", Sells),
    ("anh", "An Nguyễn", "VN", Sells),
    ("lan", "Lan Phạm", "VN", Buys),
    ("tom", "Tom Baker", "VN", Buys),
    ("admin", "Admin", "VN", Administers),
    ("hoa", "Hoa Lê", "VN", Sells),
    ("minh", "Minh Võ", "VN", Sells),
    ("thu", "Thu Đặng", "VN", Sells),
    ("quang", "Quang Bùi", "VN", Sells),
    ("ngoc", "Ngọc Đỗ", "VN", Sells),
    ("linh", "Linh Hồ", "VN", Sells),
    ("sarah", "Sarah Miller", "US", Sells),
    ("david", "David Chen", "US", Sells),
    ("huong", "Hương Vũ", "VN", Buys),
    ("tuan", "Tuấn Ngô", "VN", Buys),
    ("phuong", "Phương Dương", "VN", Buys),
    ("khanh", "Khánh Lý", "VN", Buys),
    ("emma", "Emma Wilson", "US", Buys),
    ("james", "James Carter", "US", Buys),
    ("olivia", "Olivia Brown", "US", Buys),
];

/// How many of them, from the first, are told to whoever starts the shop.
const LOGINS: usize = 5;

/// How many accounts there are.
pub const COUNT: usize = PEOPLE.len();

/// The logins to tell.
pub fn logins() -> Vec<String> {
    PEOPLE[..LOGINS].iter().map(|p| p.0.to_owned()).collect()
}

/// The numbers and countries of those who sell.
pub fn sellers() -> impl Iterator<Item = (u64, &'static str)> {
    with(Sells)
}

/// The numbers of those who buy.
pub fn buyers() -> impl Iterator<Item = u64> {
    with(Buys).map(|(n, _)| n)
}

/// The number of an account.
pub fn number(username: &str) -> Option<u64> {
    (0..)
        .zip(PEOPLE)
        .find(|(_, p)| p.0 == username)
        .map(|(n, _)| n)
}

fn with(part: Part) -> impl Iterator<Item = (u64, &'static str)> {
    (0..)
        .zip(PEOPLE)
        .filter(move |(_, p)| p.3 == part)
        .map(|(n, p)| (n, p.2))
}

pub async fn insert(db: &Client) -> Result<()> {
    let password_hash = hash()?;
    let rows: Vec<_> = (0..)
        .zip(PEOPLE)
        .map(|(n, (username, name, country, part))| {
            let roles: &[&str] = match part {
                Administers => &["member", "moderator", "admin"],
                Sells | Buys => &["member"],
            };
            json!({
                "id": id("account", n), "username": username, "name": name, "roles": roles,
                "email": format!("{username}@example.org"), "country": country,
                "locale": if country == "VN" { "vi" } else { "en" },
            })
        })
        .collect();
    let rows = Json(rows);
    // A username that somebody took before stays theirs: then only the address signs in.
    db.execute(
        "INSERT INTO account.account (id, email, email_verified_at, username, password_hash, name, country,
                                      locale, roles, created_at, updated_at)
         SELECT r.id, r.email, shared.now(),
                CASE WHEN NOT EXISTS (SELECT FROM account.account a WHERE a.username = r.username)
                     THEN r.username END,
                $2, r.name, r.country, r.locale, r.roles, shared.now(), shared.now()
         FROM jsonb_to_recordset($1) AS r(id uuid, email text, username text, name text, country text,
                                          locale text, roles text[])
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_logins_are_those_that_the_readme_names() {
        assert_eq!(logins(), ["mai", "anh", "lan", "tom", "admin"]);
        assert_eq!((sellers().count(), buyers().count(), COUNT), (10, 9, 20));
        assert_eq!(number("lan"), Some(2));
    }
}
