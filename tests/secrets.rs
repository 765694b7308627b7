//! What is secret stays with whom it belongs to: a life of an account and a day of a shop, and then a look
//! into everything that was written on the way.
//!
//! It runs on the app that has payment providers, whose secrets are looked for too, and beside all the other
//! tests that pay there. It shows that the search finds what is there to be found; `support::last_look` has
//! everything searched that all the tests made all the apps write.

mod life;
mod places;

use crate::providers::world;
use crate::support::app::App;
use crate::support::needles::{Found, Secret};

/// Secrets that somebody knows or the app was given.
#[derive(Default)]
pub struct Canaries {
    all: Vec<Secret>,
    /// What was answered where something was refused.
    problems: Vec<String>,
}

impl Canaries {
    pub fn add(&mut self, what: &str, secret: &str) {
        self.add_allowed(what, secret, &[]);
    }

    pub fn add_allowed(&mut self, what: &str, secret: &str, allowed: &'static [&'static str]) {
        assert!(
            secret.len() >= 8,
            "{what}: {secret} would be found anywhere"
        );
        self.all.push(Secret {
            what: what.to_owned(),
            text: secret.to_owned(),
            allowed,
        });
    }
}

#[tokio::test]
async fn secrets_are_nowhere() {
    let app: &App = &world().app;
    let mut canaries = Canaries::default();
    life::installation(app, &mut canaries).await;
    let somebody = life::account(app, &mut canaries).await;
    life::shop(app, &somebody, &mut canaries).await;

    // Whoever looks and finds nothing may have looked nowhere.
    let planted = format!("planted-{}", uuid::Uuid::new_v4().simple());
    canaries.add("planted", &planted);
    places::plant(app, &planted).await;
    canaries
        .problems
        .push(format!("{{\"detail\":\"{planted}\"}}"));
    let found = places::search(app, &canaries).await;
    places::clear(app).await;

    let (planted, found): (Vec<(Found, String)>, Vec<_>) =
        found.into_iter().partition(|(it, _)| it.what == "planted");
    for place in places::PLANTED {
        assert!(
            planted.iter().any(|(it, _)| it.place.starts_with(place)),
            "what was planted in {place} was not found: {planted:?}"
        );
    }
    assert!(found.is_empty(), "{found:#?}");
}
