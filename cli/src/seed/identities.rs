//! Who the sellers are to whom money is paid out: the administrator has looked already.

use anyhow::{Context, Result};
use serde_json::json;
use tokio_postgres::Client;
use tokio_postgres::types::Json;

use super::ids::id;
use super::people;

pub async fn insert(db: &Client) -> Result<()> {
    let admin = people::number("admin").context("there is no admin")?;
    let rows: Vec<_> = people::sellers()
        .map(|(n, country)| {
            json!({
                "id": id("payout identity", n), "account_id": id("account", n), "country": country,
                "birth_date": format!("{}-0{}-15", 1970 + n, 1 + n % 9), "tail": format!("{:04}", 1000 + n),
            })
        })
        .collect();
    // Who has submitted one of their own keeps it.
    db.execute(
        "INSERT INTO payment.payout_identity
             (id, account_id, state, legal_name, country, birth_date, document_kind, document_tail,
              decided_by, submitted_at, decided_at)
         SELECT r.id, r.account_id, 'approved', a.name, r.country, r.birth_date, 'national_id', r.tail,
                $2, shared.now(), shared.now()
         FROM jsonb_to_recordset($1) AS r(id uuid, account_id uuid, country text, birth_date date, tail text)
         JOIN account.account a ON a.id = r.account_id
         WHERE NOT EXISTS (SELECT FROM payment.payout_identity i WHERE i.account_id = r.account_id)
         ON CONFLICT DO NOTHING",
        &[&Json(rows), &id("account", admin)],
    )
    .await
    .context("inserting the sellers' identities")?;
    Ok(())
}
