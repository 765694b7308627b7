//! Payment providers and carriers of letters, as their documentation describes them: HTTP servers that keep
//! books of what they took and gave, refuse whatever is not as it should be, and can be told to misbehave.
//! They share no code with the clients under test.

pub mod carrier;
pub mod mail;
pub mod oidc;
pub mod sepay;
pub mod sms;
pub mod stripe;
pub mod vnpay;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use hmac::{Hmac, Mac};

/// How the next call goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It does not.
    None,
    /// Nothing is done, and the answer is 500.
    Broken,
    /// Nothing is done: there were too many questions.
    Busy,
    /// Nothing is done, and there is no answer.
    Silent,
    /// It is done, and the answer is 500 all the same.
    AnswerLost,
}

/// Faults to come, one for each call, and what holds when there are none.
#[derive(Debug, Clone, Default)]
pub struct Faults(Arc<Mutex<Coming>>);

#[derive(Debug, Default)]
struct Coming {
    next: VecDeque<Fault>,
    always: Option<Fault>,
}

impl Faults {
    /// The next calls go wrong so.
    pub fn next(&self, faults: &[Fault]) {
        self.0.lock().expect("no panic").next.extend(faults);
    }

    /// All calls do, until further notice.
    pub fn always(&self, fault: Fault) {
        self.0.lock().expect("no panic").always = Some(fault);
    }

    /// How many of the next ones are still to come.
    pub fn left(&self) -> usize {
        self.0.lock().expect("no panic").next.len()
    }

    fn take(&self) -> Fault {
        let mut coming = self.0.lock().expect("no panic");
        let next = coming.next.pop_front().or(coming.always);
        next.unwrap_or(Fault::None)
    }
}

async fn misbehave(State(faults): State<Faults>, request: Request, next: Next) -> Response {
    match faults.take() {
        Fault::None => next.run(request).await,
        Fault::Broken => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Fault::Busy => StatusCode::TOO_MANY_REQUESTS.into_response(),
        Fault::Silent => {
            // Longer than anybody waits for it.
            tokio::time::sleep(Duration::from_secs(60)).await;
            StatusCode::GATEWAY_TIMEOUT.into_response()
        }
        Fault::AnswerLost => {
            next.run(request).await;
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Serves on a thread of its own, for as long as the tests run. Where.
pub fn serve(router: Router, faults: Faults) -> String {
    let router = router.layer(from_fn_with_state(faults, misbehave));
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("a listener");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
            axum::serve(listener, router).await.expect("it serves");
        });
    });
    url
}

/// The keyed hash in hexadecimal.
fn hmac_hex<M: Mac + hmac::digest::KeyInit>(key: &str, text: &str) -> String {
    hmac_bytes::<M>(key, text)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn hmac_bytes<M: Mac + hmac::digest::KeyInit>(key: &str, text: &str) -> Vec<u8> {
    let mut mac = <M as Mac>::new_from_slice(key.as_bytes()).expect("any key will do");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

type Sha256 = Hmac<sha2::Sha256>;
type Sha512 = Hmac<sha2::Sha512>;

/// RFC 4231, test case 2.
#[test]
fn the_hashes_are_those_of_the_standard() {
    let text = "what do ya want for nothing?";
    assert!(hmac_hex::<Sha256>("Jefe", text).starts_with("5bdcc146bf60754e6a042426089575c7"));
    assert!(hmac_hex::<Sha512>("Jefe", text).starts_with("164b7a7bfcf819e2e395fbe73b56e0a3"));
}
