//! A search and the page that it finds, written as the app writes it. The native server includes this
//! file too.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use uuid::Uuid;

/// The statement; its last four parameters are the place to go on from.
pub const STATEMENT: &str =
    "SELECT * FROM catalog.search_v1($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";

/// Items on a page.
pub const LIMIT: i32 = 20;

/// What is searched for. The benchmark leaves some of it out; a cursor tells that as well.
#[derive(Debug, Serialize)]
pub struct Search {
    pub words: Vec<String>,
    pub category: Option<Uuid>,
    pub min_price: Option<i64>,
    pub max_price: Option<i64>,
    pub currency: Option<String>,
    pub seller: Option<Uuid>,
    pub in_stock: Option<bool>,
    pub order: String,
}

/// Where the page ends, when there is another one.
#[derive(Debug)]
pub struct End {
    pub step: i32,
    pub key: i64,
    pub id: Uuid,
}

#[derive(Serialize)]
struct Cursor {
    v: u8,
    k: Position,
}

#[derive(Serialize)]
struct Position {
    q: u64,
    t: i32,
    k: i64,
    i: Uuid,
    s: bool,
}

impl Search {
    pub fn new(
        text: &str,
        category: Option<Uuid>,
        currency: Option<String>,
        sort: Option<String>,
    ) -> Self {
        let words = text.split(|c: char| !c.is_alphanumeric());
        Self {
            words: words
                .filter(|it| !it.is_empty())
                .take(12)
                .map(str::to_owned)
                .collect(),
            category,
            min_price: None,
            max_price: None,
            currency,
            seller: None,
            in_stock: None,
            order: sort.unwrap_or_else(|| "relevance".to_owned()),
        }
    }

    /// The answer, with `items` as Postgres built them.
    pub fn page(
        &self,
        items: &str,
        similar: bool,
        end: Option<End>,
    ) -> Result<String, serde_json::Error> {
        let matched = if similar { "similar" } else { "text" };
        let cursor = match end {
            Some(end) => format!("\"{}\"", self.cursor(similar, &end)?),
            None => "null".to_owned(),
        };
        Ok(format!(
            "{{\"items\":{items},\"match\":\"{matched}\",\"next_cursor\":{cursor}}}"
        ))
    }

    fn cursor(&self, similar: bool, end: &End) -> Result<String, serde_json::Error> {
        let k = Position {
            q: self.fingerprint()?,
            t: end.step,
            k: end.key,
            i: end.id,
            s: similar,
        };
        Ok(URL_SAFE_NO_PAD.encode(serde_json::to_vec(&Cursor { v: 1, k })?))
    }

    /// FNV-1a: a cursor is good for its own search alone.
    fn fingerprint(&self) -> Result<u64, serde_json::Error> {
        let bytes = serde_json::to_vec(self)?;
        Ok(bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
        }))
    }
}
