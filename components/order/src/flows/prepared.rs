//! What a request knows already when it runs a workflow, and what it wants to hear of it.
//!
//! A workflow runs by its input and its journal alone, since anybody may have to go on with it. The
//! request that begins it has asked the first questions beside the statement that started it, and
//! leaves what it heard here, for the steps that would ask again; and the placed checkout comes back
//! the same way, as Postgres wrote it. Whoever finds nothing here asks.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use uuid::Uuid;

use super::deciding::Decision;
use crate::peers::Reserved;

thread_local! {
    /// Of the requests that this instance is just serving, by checkout.
    static ALL: RefCell<HashMap<Uuid, Prepared>> = RefCell::default();
}

/// What is known of one run.
#[derive(Debug, Clone, Default)]
pub struct Prepared(Rc<RefCell<Known>>);

#[derive(Debug, Default)]
struct Known {
    decision: Option<Decision>,
    reserved: Option<Reserved>,
    answer: Option<String>,
}

/// Forgets it when it goes.
#[derive(Debug)]
pub struct Desk {
    checkout: Uuid,
    prepared: Prepared,
}

impl Desk {
    /// Leaves something for the run of a checkout.
    #[must_use]
    pub fn of(checkout: Uuid, decision: Option<Decision>, reserved: Option<Reserved>) -> Self {
        let prepared = Prepared(Rc::new(RefCell::new(Known {
            decision,
            reserved,
            answer: None,
        })));
        ALL.with_borrow_mut(|all| all.insert(checkout, prepared.clone()));
        Self { checkout, prepared }
    }

    /// The checkout as it was placed, if this run placed it.
    #[must_use]
    pub fn answer(&self) -> Option<String> {
        self.prepared.0.borrow_mut().answer.take()
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        ALL.with_borrow_mut(|all| all.remove(&self.checkout));
    }
}

impl Prepared {
    /// What there is for the run of a checkout, mostly nothing.
    #[must_use]
    pub fn of(checkout: Uuid) -> Self {
        ALL.with_borrow(|all| all.get(&checkout).cloned())
            .unwrap_or_default()
    }

    /// What was decided, once: a step that is repeated asks anew.
    #[must_use]
    pub fn decision(&self) -> Option<Decision> {
        self.0.borrow_mut().decision.take()
    }

    /// What came of reserving, once.
    #[must_use]
    pub fn reserved(&self) -> Option<Reserved> {
        self.0.borrow_mut().reserved.take()
    }

    /// Leaves the placed checkout for the request.
    pub fn answer(&self, body: String) {
        self.0.borrow_mut().answer = Some(body);
    }
}
