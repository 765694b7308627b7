//! The requests, made ahead as far as they can be.

use std::net::SocketAddr;

use anyhow::Result;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderName, HeaderValue};
use http::{Method, Request};
use http_body_util::Full;
use rand::rngs::SmallRng;
use rand::{Rng, RngCore, SeedableRng};
use serde_json::json;

use crate::ids::{self, Kind};
use crate::options::Scenario;
use crate::seed::Buyer;

pub type HttpRequest = Request<Full<Bytes>>;

/// Names the buyer to the bare component, which does not look into tokens.
pub const BUYER: HeaderName = HeaderName::from_static("x-bench-buyer");

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Makes one connection's requests, each in well under a microsecond or two.
#[derive(Debug)]
pub struct Source {
    ready: Vec<HttpRequest>,
    random: SmallRng,
    next: usize,
    keyed: bool,
}

impl Source {
    /// The requests that connection number `connection` sends to `target`.
    pub fn new(
        scenario: Scenario,
        target: SocketAddr,
        buyers: &[Buyer],
        connection: usize,
    ) -> Result<Self> {
        let ready = match scenario {
            Scenario::Product => pages(target)?,
            Scenario::Order => orders(target, buyers, connection)?,
        };
        let mut random = SmallRng::from_os_rng();
        let next = random.random_range(0..ready.len().max(1));
        Ok(Self {
            ready,
            random,
            next,
            keyed: scenario == Scenario::Order,
        })
    }

    /// The next request: pages at random, orders in turn with a fresh key.
    pub fn next(&mut self) -> Option<HttpRequest> {
        if !self.keyed {
            let place = self.random.random_range(0..self.ready.len());
            return self.ready.get(place).cloned();
        }
        self.next = (self.next + 1) % self.ready.len();
        let mut request = self.ready.get(self.next)?.clone();
        let mut bytes = [0_u8; 16];
        self.random.fill_bytes(&mut bytes);
        let key = uuid::Builder::from_random_bytes(bytes).into_uuid();
        let key = HeaderValue::from_str(key.hyphenated().encode_lower(&mut [0; 36])).ok()?;
        request.headers_mut().insert(IDEMPOTENCY_KEY, key);
        Some(request)
    }
}

fn pages(target: SocketAddr) -> Result<Vec<HttpRequest>> {
    let page = |n| {
        let path = format!("/v1/products/{}", ids::id(Kind::Product, n));
        Ok(Request::builder()
            .uri(path)
            .header(HOST, target.to_string())
            .body(Full::default())?)
    };
    (0..ids::PAGES).map(page).collect()
}

/// One request for each product; connections begin with different buyers.
fn orders(target: SocketAddr, buyers: &[Buyer], connection: usize) -> Result<Vec<HttpRequest>> {
    let turns = buyers
        .iter()
        .cycle()
        .skip(connection)
        .take(ids::PRODUCTS as usize);
    (0..ids::PRODUCTS)
        .zip(turns)
        .map(|(product, buyer)| {
            let body = checkout(product).to_string();
            Ok(Request::builder()
                .method(Method::POST)
                .uri("/v1/checkouts")
                .header(HOST, target.to_string())
                .header(CONTENT_TYPE, "application/json")
                .header(AUTHORIZATION, format!("Bearer {}", buyer.token))
                .header(BUYER, buyer.id.to_string())
                .body(Full::new(Bytes::from(body)))?)
        })
        .collect()
}

fn checkout(product: u64) -> serde_json::Value {
    json!({
        "lines": [{"variant_id": ids::first_variant(product), "quantity": 1}],
        "provider": "cod",
        "delivery": {
            "receiver": "Lan", "phone": "+84901234567", "address_lines": ["12 Hang Bac"],
            "city": "Hanoi", "country": "VN",
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_order_has_a_key_of_its_own() {
        let buyers = [Buyer {
            id: uuid::Uuid::nil(),
            username: "b".into(),
            token: "t".into(),
        }];
        let mut source =
            Source::new(Scenario::Order, ([127, 0, 0, 1], 1).into(), &buyers, 0).unwrap();
        let (one, two) = (source.next().unwrap(), source.next().unwrap());
        assert_ne!(
            one.headers()[IDEMPOTENCY_KEY],
            two.headers()[IDEMPOTENCY_KEY]
        );
        assert_eq!(one.headers()[AUTHORIZATION], "Bearer t");
    }

    #[test]
    fn pages_are_of_the_seeded_products() {
        let mut source =
            Source::new(Scenario::Product, ([127, 0, 0, 1], 1).into(), &[], 0).unwrap();
        let request = source.next().unwrap();
        assert!(
            request
                .uri()
                .path()
                .starts_with(&format!("/v1/products/{}", ids::prefix(Kind::Product)))
        );
    }
}
