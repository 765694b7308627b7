//! The requests, made ahead as far as they can be.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Result, ensure};
use bytes::Bytes;
use http::Request;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderName, HeaderValue};
use http::request::Builder;
use http_body_util::Full;
use rand::rngs::SmallRng;
use rand::{Rng, RngCore, SeedableRng};
use serde_json::Value;

use crate::shop::Buyer;

pub type HttpRequest = Request<Full<Bytes>>;

/// Names the buyer to the bare component, which does not look into tokens.
const BUYER: HeaderName = HeaderName::from_static("x-bench-buyer");

pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// How a connection takes its requests from a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Draw {
    AtRandom,
    /// One after another, beginning anywhere.
    InTurn,
    /// The same, each with a fresh key.
    InTurnKeyed,
}

/// What is sent to one target.
#[derive(Clone, Debug)]
pub struct Requests {
    /// Connections take these by turns.
    lists: Vec<Arc<[HttpRequest]>>,
    draw: Draw,
}

impl Requests {
    /// The same requests for all connections.
    pub fn shared(draw: Draw, list: Vec<HttpRequest>) -> Result<Self> {
        Self::several(draw, vec![list])
    }

    /// One list for each connection; with more connections than lists, some share theirs.
    pub fn several(draw: Draw, lists: Vec<Vec<HttpRequest>>) -> Result<Self> {
        ensure!(
            !lists.is_empty() && lists.iter().all(|list| !list.is_empty()),
            "there is nothing to ask for"
        );
        let lists = lists.into_iter().map(Arc::from).collect();
        Ok(Self { lists, draw })
    }

    /// What connection number `connection` sends.
    pub fn source(&self, connection: usize) -> Source {
        let list = self.lists.get(connection % self.lists.len());
        let list = list.cloned().unwrap_or_default();
        let mut random = SmallRng::from_os_rng();
        Source {
            next: random.random_range(0..list.len().max(1)),
            list,
            random,
            draw: self.draw,
        }
    }

    /// The first `count` of the first list.
    pub fn first(&self, count: usize) -> impl Iterator<Item = HttpRequest> {
        let mut source = self.source(0);
        source.next = 0;
        source.draw = match self.draw {
            Draw::InTurnKeyed => Draw::InTurnKeyed,
            _ => Draw::InTurn,
        };
        std::iter::from_fn(move || Some(source.next())).take(count)
    }
}

/// Makes one connection's requests, each in well under a microsecond or two.
#[derive(Debug)]
pub struct Source {
    list: Arc<[HttpRequest]>,
    random: SmallRng,
    next: usize,
    draw: Draw,
}

impl Source {
    /// The next request.
    pub fn next(&mut self) -> HttpRequest {
        let count = self.list.len();
        let place = match self.draw {
            Draw::AtRandom => self.random.random_range(0..count),
            Draw::InTurn | Draw::InTurnKeyed => {
                let place = self.next;
                self.next = (place + 1) % count;
                place
            }
        };
        let mut request = self.list[place].clone();
        if self.draw == Draw::InTurnKeyed {
            request.headers_mut().insert(IDEMPOTENCY_KEY, self.key());
        }
        request
    }

    fn key(&mut self) -> HeaderValue {
        let mut bytes = [0_u8; 16];
        self.random.fill_bytes(&mut bytes);
        let key = uuid::Builder::from_random_bytes(bytes).into_uuid();
        // Hexadecimal digits and dashes always are a header's value.
        HeaderValue::from_str(key.hyphenated().encode_lower(&mut [0; 36]))
            .unwrap_or(HeaderValue::from_static("impossible"))
    }
}

/// Reads something.
pub fn get(target: SocketAddr, path: &str) -> Builder {
    Request::get(path).header(HOST, target.to_string())
}

/// Writes something.
pub fn write(target: SocketAddr, method: &str, path: &str) -> Builder {
    Request::builder()
        .method(method)
        .uri(path)
        .header(HOST, target.to_string())
        .header(CONTENT_TYPE, "application/json")
}

/// As a buyer.
pub fn by(request: Builder, buyer: &Buyer) -> Builder {
    request
        .header(AUTHORIZATION, format!("Bearer {}", buyer.token))
        .header(BUYER, buyer.id.to_string())
}

/// With nothing in it.
pub fn empty(request: Builder) -> Result<HttpRequest> {
    Ok(request.body(Full::default())?)
}

/// With a document.
pub fn with(request: Builder, body: &Value) -> Result<HttpRequest> {
    Ok(request.body(Full::new(Bytes::from(body.to_string())))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(paths: &[&str]) -> Vec<HttpRequest> {
        let target = ([127, 0, 0, 1], 1).into();
        let one = |path: &&str| empty(get(target, path)).unwrap();
        paths.iter().map(one).collect()
    }

    #[test]
    fn every_keyed_request_has_a_key_of_its_own() {
        let requests = Requests::shared(Draw::InTurnKeyed, list(&["/a"])).unwrap();
        let mut source = requests.source(0);
        let (one, two) = (source.next(), source.next());
        assert_ne!(
            one.headers()[IDEMPOTENCY_KEY],
            two.headers()[IDEMPOTENCY_KEY]
        );
    }

    #[test]
    fn in_turn_each_follows_the_one_before() {
        let requests = Requests::shared(Draw::InTurn, list(&["/0", "/1", "/2"])).unwrap();
        let mut source = requests.source(9);
        let taken: Vec<u8> = (0..4)
            .map(|_| source.next().uri().path().as_bytes()[1] - b'0')
            .collect();
        for pair in taken.windows(2) {
            assert_eq!((pair[0] + 1) % 3, pair[1]);
        }
        let first: Vec<String> = requests.first(4).map(|it| it.uri().to_string()).collect();
        assert_eq!(first, ["/0", "/1", "/2", "/0"]);
    }

    #[test]
    fn connections_beyond_the_lists_share_them() {
        let lists = vec![list(&["/a"]), list(&["/b"])];
        let requests = Requests::several(Draw::AtRandom, lists).unwrap();
        let path = |n| requests.source(n).next().uri().path().to_owned();
        assert_eq!([path(0), path(1), path(2)], ["/a", "/b", "/a"]);
        assert!(Requests::shared(Draw::AtRandom, Vec::new()).is_err());
    }
}
