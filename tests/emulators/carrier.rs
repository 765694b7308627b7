//! What all carriers of letters have in common: they take messages, know addresses at which there is nobody, and
//! refuse what is not as it should be. Each has routes of its own: see `mail` and `sms`.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

use axum::Router;
use serde_json::Value;

use super::{Faults, serve};

/// What is carried.
pub trait Message: Clone + Send + 'static {
    /// An e-mail address, or a number in E.164.
    fn to(&self) -> &str;
}

/// What a carrier writes down.
#[derive(Debug)]
pub struct Books<M> {
    /// What was taken, in order.
    pub taken: Vec<M>,
    /// Addresses and numbers that are none.
    pub bad: HashSet<String>,
    /// By Idempotency-Key, where a carrier knows such a thing: what was sent and its id.
    pub keys: HashMap<String, (Value, String)>,
    /// What was refused, but for such addresses.
    pub refused: Vec<String>,
}

pub type Shared<M> = Arc<Mutex<Books<M>>>;

/// An emulator of one.
#[derive(Debug, Clone)]
pub struct Carrier<M> {
    pub url: String,
    pub faults: Faults,
    books: Shared<M>,
}

impl<M: Message> Carrier<M> {
    /// Starts one with these routes.
    pub fn start(routes: impl FnOnce(Shared<M>) -> Router) -> Self {
        let books = Arc::new(Mutex::new(Books {
            taken: Vec::new(),
            bad: HashSet::new(),
            keys: HashMap::new(),
            refused: Vec::new(),
        }));
        let faults = Faults::default();
        Self {
            url: serve(routes(books.clone()), faults.clone()),
            faults,
            books,
        }
    }

    /// What it sent to an address or number, in order.
    pub fn sent_to(&self, to: &str) -> Vec<M> {
        let books = self.books.lock().expect("no panic");
        let taken = books.taken.iter();
        taken.filter(|it| it.to() == to).cloned().collect()
    }

    /// From now on it knows that there is nobody.
    pub fn knows_nobody_at(&self, to: &str) {
        let mut books = self.books.lock().expect("no panic");
        books.bad.insert(to.to_owned());
    }

    /// What it refused so far, but for those at which there is nobody.
    pub fn refusals(&self) -> Vec<String> {
        self.books.lock().expect("no panic").refused.clone()
    }
}
