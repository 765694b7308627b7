//! Address books of the buyers, and whom they follow.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio_postgres::Client;
use tokio_postgres::types::Json;

use super::dice::Dice;
use super::ids::id;
use super::people;

/// An entry of an address book.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Contact {
    account: String,
    receiver: String,
    phone: String,
    address_lines: Vec<String>,
    city: String,
    region: String,
    postal_code: String,
    country: String,
    area_codes: Vec<String>,
    latitude: Option<f64>,
    longitude: Option<f64>,
}

#[derive(Deserialize)]
struct Book {
    contact: Vec<Contact>,
}

fn contacts() -> Result<Vec<Value>> {
    let book: Book =
        toml::from_str(include_str!("words/contacts.toml")).context("the address books")?;
    let mut with_a_default = BTreeSet::new();
    let mut rows = Vec::new();
    for (n, contact) in (0..).zip(book.contact) {
        let account = people::number(&contact.account);
        let account = account.with_context(|| format!("there is no {}", contact.account))?;
        rows.push(json!({
            "id": id("contact", n), "account_id": id("account", account),
            "receiver": contact.receiver, "phone": contact.phone, "address_lines": contact.address_lines,
            "city": contact.city, "region": contact.region, "postal_code": contact.postal_code,
            "country": contact.country, "area_codes": contact.area_codes,
            "latitude": contact.latitude, "longitude": contact.longitude,
            "is_default": with_a_default.insert(account),
        }));
    }
    Ok(rows)
}

/// Each buyer follows two to four sellers.
fn follows() -> Vec<Value> {
    let sellers: Vec<u64> = people::sellers().map(|(n, _)| n).collect();
    let mut rows = Vec::new();
    for buyer in people::buyers() {
        let mut dice = Dice::of("follows", buyer);
        let count = dice.between(2, 4) as usize;
        let mut followed = BTreeSet::new();
        while followed.len() < count {
            followed.insert(*dice.pick(&sellers));
        }
        rows.extend(followed.into_iter().map(|seller| {
            json!({
                "id": id("follow", buyer * 100 + seller),
                "follower_id": id("account", buyer), "seller_id": id("account", seller),
            })
        }));
    }
    rows
}

pub async fn insert(db: &Client) -> Result<()> {
    let contacts = Json(contacts()?);
    // Who has set up a default of their own keeps it.
    db.execute(
        "INSERT INTO account.contact (id, account_id, receiver, phone, address_lines, city, region, postal_code,
                                      country, area_codes, latitude, longitude, is_default_delivery,
                                      is_default_pickup, created_at, updated_at)
         SELECT r.id, r.account_id, r.receiver, r.phone, r.address_lines, r.city, r.region, r.postal_code,
                r.country, r.area_codes, r.latitude, r.longitude, r.is_default, r.is_default,
                shared.now(), shared.now()
         FROM jsonb_to_recordset($1) AS r(id uuid, account_id uuid, receiver text, phone text,
                                          address_lines text[], city text, region text, postal_code text,
                                          country text, area_codes text[], latitude double precision,
                                          longitude double precision, is_default boolean)
         JOIN account.account a ON a.id = r.account_id
         ON CONFLICT DO NOTHING",
        &[&contacts],
    )
    .await
    .context("inserting the address books")?;
    // With the copy that `notification` makes of the event.
    db.execute(
        "WITH added AS (
             INSERT INTO account.follow (id, follower_id, seller_id, active, changed_at)
             SELECT r.id, r.follower_id, r.seller_id, true, shared.now()
             FROM jsonb_to_recordset($1) AS r(id uuid, follower_id uuid, seller_id uuid)
             JOIN account.account follower ON follower.id = r.follower_id
             JOIN account.account seller ON seller.id = r.seller_id
             ON CONFLICT DO NOTHING RETURNING follower_id, seller_id, active, version)
         INSERT INTO notification.follow (follower_id, seller_id, active, sequence)
         SELECT follower_id, seller_id, active, version FROM added ON CONFLICT DO NOTHING",
        &[&Json(follows())],
    )
    .await
    .context("inserting who follows whom")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_buyer_has_one_default_contact() {
        let rows = contacts().unwrap();
        let defaults = rows.iter().filter(|row| row["is_default"] == true).count();
        assert_eq!(defaults, people::buyers().count());
        for buyer in people::buyers() {
            let account = json!(id("account", buyer));
            assert!(
                rows.iter()
                    .any(|row| row["account_id"] == account && row["is_default"] == true)
            );
        }
    }

    #[test]
    fn every_buyer_follows_two_to_four_sellers() {
        let rows = follows();
        for buyer in people::buyers() {
            let follower = json!(id("account", buyer));
            let count = rows
                .iter()
                .filter(|row| row["follower_id"] == follower)
                .count();
            assert!((2..=4).contains(&count));
        }
        let ids: BTreeSet<String> = rows.iter().map(|row| row["id"].to_string()).collect();
        assert_eq!(ids.len(), rows.len());
    }
}
