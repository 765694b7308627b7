//! What is secret stays with whom it belongs to: a life of an account and a day of a shop, and then a look
//! into everything that was written on the way.
//!
//! It runs on the app that has payment providers, whose secrets are looked for too, and beside all the other
//! tests that pay there.

mod life;
mod places;

use crate::providers::world;
use crate::support::app::App;
use places::Found;

/// Secrets that somebody knows or the app was given, and where each may lie all the same.
#[derive(Default)]
pub struct Canaries {
    all: Vec<Canary>,
    /// What was answered where something was refused.
    problems: Vec<String>,
}

pub struct Canary {
    /// What it is.
    what: String,
    /// How it would look: as it is, and as bytes in a row.
    forms: Vec<Vec<u8>>,
    /// Tables in which it lies because it is used from there.
    allowed: &'static [&'static str],
}

impl Canaries {
    pub fn add(&mut self, what: &str, secret: &str) {
        self.add_allowed(what, secret, &[]);
    }

    pub fn add_allowed(&mut self, what: &str, secret: &str, allowed: &'static [&'static str]) {
        use base64::Engine as _;
        assert!(
            secret.len() >= 8,
            "{what}: {secret} would be found anywhere"
        );
        let hex = |bytes: &[u8]| {
            bytes
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect::<String>()
        };
        let mut forms = vec![secret.to_owned(), hex(secret.as_bytes())];
        let decoded = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(secret);
        if let Some(bytes) = decoded.ok().filter(|bytes| bytes.len() >= 16) {
            forms.push(hex(&bytes));
        }
        self.all.push(Canary {
            what: what.to_owned(),
            forms: forms.into_iter().map(String::into_bytes).collect(),
            allowed,
        });
    }

    /// Which of them stand in a text.
    fn within(&self, text: &[u8]) -> impl Iterator<Item = &Canary> {
        self.all.iter().filter(move |canary| {
            canary
                .forms
                .iter()
                .any(|form| text.windows(form.len()).any(|part| part == form))
        })
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

    let (planted, found): (Vec<Found>, Vec<Found>) =
        found.into_iter().partition(|it| it.what == "planted");
    for place in places::PLANTED {
        assert!(
            planted.iter().any(|it| it.place.starts_with(place)),
            "what was planted in {place} was not found: {planted:?}"
        );
    }
    assert!(found.is_empty(), "{found:#?}");
}
