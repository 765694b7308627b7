//! Looking at the shop until it is as it should be, and what people have to be told.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use serde_json::Value;

use super::client::{Client, text};

/// How long an event may take to arrive.
const PATIENCE: Duration = Duration::from_secs(15);

const PAUSE: Duration = Duration::from_millis(100);

/// Gets `path` until `check` is content; its last complaint otherwise. Gives the answer and how long
/// it took.
pub async fn until(
    client: &Client,
    path: &str,
    check: impl Fn(&Value) -> Result<()>,
) -> Result<(Value, Duration)> {
    let start = Instant::now();
    loop {
        let answer = client.get(path).await?;
        let complaint = match check(&answer) {
            Ok(()) => return Ok((answer, start.elapsed())),
            Err(complaint) => complaint,
        };
        if start.elapsed() > PATIENCE {
            return Err(complaint.context(format!(
                "not within {} s; is the worker running? See cargo stoa doctor",
                PATIENCE.as_secs()
            )));
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// The entries of a list.
pub fn items(list: &Value) -> &[Value] {
    list["items"].as_array().map_or(&[], Vec::as_slice)
}

/// Waits until a seller's stock lies as it should, by warehouse, with nothing reserved.
pub async fn stock(seller: &Client, variant: &str, expected: &[(&str, i64)]) -> Result<()> {
    // A shelf that was used up may still be listed.
    let shelves = |all: Vec<(String, i64)>| {
        let mut some: Vec<_> = all.into_iter().filter(|(_, units)| *units != 0).collect();
        some.sort();
        some
    };
    let wanted = expected
        .iter()
        .map(|(place, units)| ((*place).to_owned(), *units));
    let wanted = shelves(wanted.collect());
    let lies = |stock: &Value| {
        let mut found = Vec::new();
        for shelf in stock["warehouses"].as_array().into_iter().flatten() {
            ensure!(
                shelf["reserved"] == 0,
                "something is still reserved: {stock}"
            );
            let units = shelf["on_hand"].as_i64().unwrap_or(-1);
            found.push((text(&shelf["warehouse_id"])?, units));
        }
        let found = shelves(found);
        ensure!(
            found == wanted,
            "expected {wanted:?} by warehouse, found {stock}"
        );
        let sum: i64 = wanted.iter().map(|(_, units)| units).sum();
        ensure!(
            stock["available"] == sum,
            "{sum} available are expected: {stock}"
        );
        Ok(())
    };
    until(seller, &format!("/v1/stock/{variant}"), lies).await?;
    Ok(())
}

/// What people have been told so far, and nothing else.
#[derive(Debug, Default)]
pub struct Told {
    /// Account, kind, and the id of what it is about.
    all: Vec<(String, &'static str, String)>,
}

impl Told {
    /// Waits until somebody has been told something, which is expected once and stays so.
    pub async fn hears(
        &mut self,
        client: &Client,
        kind: &'static str,
        about: &str,
    ) -> Result<Duration> {
        let heard = |list: &Value| {
            ensure!(
                count(list, kind, about) > 0,
                "{} was not told of {kind}",
                client.username
            );
            Ok(())
        };
        let (_, took) = until(client, NEWEST, heard).await?;
        self.all.push((client.id.clone(), kind, about.to_owned()));
        Ok(took)
    }

    /// What was heard last may be heard again.
    pub fn forget_last(&mut self) {
        self.all.pop();
    }

    /// Somebody was told everything that was expected, each once, and nothing else: how much it was.
    pub async fn all(&self, client: &Client) -> Result<usize> {
        let list = client.get(NEWEST).await?;
        let mut expected = 0;
        for (_, kind, about) in self.of(client) {
            expected += 1;
            let count = count(&list, kind, about);
            ensure!(
                count == 1,
                "{} was told {count} times of {kind}",
                client.username
            );
        }
        let unread = client.get("/v1/notifications/unread-count").await?;
        ensure!(
            items(&list).len() == expected && unread["count"] == expected,
            "{} expects {expected} notifications and has {unread}: {list}",
            client.username
        );
        Ok(expected)
    }

    fn of<'a>(
        &'a self,
        client: &'a Client,
    ) -> impl Iterator<Item = &'a (String, &'static str, String)> {
        self.all
            .iter()
            .filter(|(account, ..)| *account == client.id)
    }
}

const NEWEST: &str = "/v1/notifications?limit=100";

/// How often a list tells of something.
fn count(list: &Value, kind: &str, about: &str) -> usize {
    let hit = |n: &&Value| n["kind"] == kind && n["data"].to_string().contains(about);
    items(list).iter().filter(hit).count()
}

/// An amount as people read it: `1 720 000 ₫`.
pub fn dong(amount: i64) -> String {
    let digits = amount.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text + " ₫"
}

#[cfg(test)]
mod tests {
    use super::dong;

    #[test]
    fn amounts_are_grouped_by_three() {
        assert_eq!(dong(650), "650 ₫");
        assert_eq!(dong(130_000), "130 000 ₫");
        assert_eq!(dong(1_720_000), "1 720 000 ₫");
    }
}
