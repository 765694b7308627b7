//! `/sandbox/payments`: the page of our own provider, on which somebody decides how a payment goes.
//!
//! Its address is the secret: it holds an id that nobody can guess and that only the payer was sent to.
//! So there is nothing that another site could make somebody's browser do there.

use axum::response::Response;
use bytes::Bytes;
use maud::{Markup, html};
use stoa_kit::http::{Path, Problem};
use stoa_kit::{Error, Result, local};
use uuid::Uuid;

use super::pages::{Page, see_other, shown};
use super::webhooks::wake;
use crate::providers::form;
use crate::providers::return_url::with_outcome;
use crate::providers::sandbox::deliver;
use crate::store::sandbox::{self, Payment, State};

/// What may be chosen: the value, the button, and what it does.
const CHOICES: [(&str, &str, &str); 6] = [
    ("pay", "Pay", "The shop hears of it at once."),
    ("decline", "Decline", "As a bank does that says no."),
    (
        "slow",
        "Pay slowly",
        "The shop hears of it after eight seconds.",
    ),
    (
        "duplicate",
        "Pay, and tell twice",
        "The shop hears of it twice, and should count it once.",
    ),
    (
        "wrong_amount",
        "Pay a wrong amount",
        "One unit less; the shop should not take it.",
    ),
    ("no_answer", "Pay, and say nothing", "The shop has to ask."),
];

/// Shows a payment of the sandbox, for somebody to decide.
#[utoipa::path(
    get,
    path = "/sandbox/payments/{id}",
    tag = "payment",
    operation_id = "show_sandbox_payment",
    params(("id" = Uuid, Path, description = "The sandbox's name for the payment, as `pay_url` has it.")),
    responses(
        (status = 200, description = "A page for people.", content_type = "text/html", body = String),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn show(Path(id): Path<Uuid>) -> Result<Response> {
    let payment = sandbox::read(id).await?.ok_or_else(Error::not_found)?;
    Ok(page(&payment))
}

/// Decides a payment of the sandbox.
///
/// The form's only field is `choice`: `pay`, `decline`, `slow`, `duplicate`, `wrong_amount` or
/// `no_answer`. A payment that is decided stays as it is.
#[utoipa::path(
    post,
    path = "/sandbox/payments/{id}",
    tag = "payment",
    operation_id = "decide_sandbox_payment",
    params(("id" = Uuid, Path, description = "The sandbox's name for the payment, as `pay_url` has it.")),
    request_body(content = String, content_type = "application/x-www-form-urlencoded", description = "`choice=pay`"),
    responses(
        (status = 200, description = "The page, where the shop gave none to go back to.", content_type = "text/html", body = String),
        (status = 303, description = "Back to the shop, with `session_id` and `payment` in the query."),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`: no such choice.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn decide(Path(id): Path<Uuid>, body: Bytes) -> Result<Response> {
    let fields = std::str::from_utf8(&body)
        .ok()
        .and_then(form::decode)
        .unwrap_or_default();
    let choice = form::value(&fields, "choice")
        .and_then(|given| CHOICES.iter().find(|(name, ..)| *name == given))
        .map(|(name, ..)| *name);
    let payment = sandbox::choose(id, choice)
        .await?
        .ok_or_else(Error::not_found)?;
    if choice.is_none() {
        return Err(Error::invalid(
            "/choice",
            "unknown_value",
            "One of pay, decline, slow, duplicate, wrong_amount and no_answer.",
        ));
    }
    if !payment.webhooks.is_empty() {
        // The buyer's browser goes on to a page that wants to know. What is not heard now is sent again.
        if let Err(error) = local(deliver(&payment.webhooks)).await {
            eprintln!("sandbox: payment {id}: {error}");
        }
        wake();
    }
    match (&payment.return_url, payment.session) {
        (Some(url), Some(session)) => {
            see_other(&with_outcome(url, session, outcome(&payment, choice)))
        }
        _ => Ok(page(&payment)),
    }
}

/// What the shop's page is told; what it believes it should ask.
fn outcome(payment: &Payment, choice: Option<&str>) -> &'static str {
    match payment.state {
        State::Paid if matches!(choice, Some("slow" | "no_answer")) => "pending",
        State::Paid => "paid",
        State::Declined => "failed",
        State::Cancelled => "cancelled",
        State::Open => "pending",
    }
}

fn page(payment: &Payment) -> Response {
    Page {
        title: "Sandbox payment",
        body: content(payment),
        form_to: None,
        script: None,
    }
    .into_response()
}

fn content(payment: &Payment) -> Markup {
    html! {
        h1 { "Sandbox payment" }
        p.amount { (shown(payment.amount, &payment.currency)) }
        p.quiet { "To Stoa: " (payment.description) }
        @match payment.state {
            State::Open => {
                p { "No money moves here. Choose how this payment shall go." }
                form method="post" {
                    @for (at, (value, label, what)) in CHOICES.iter().enumerate() {
                        button type="submit" name="choice" value=(value) class=[(at == 0).then_some("first")] {
                            (label) small { (what) }
                        }
                    }
                }
            }
            State::Paid => p role="status" { "Paid: " (shown(payment.taken, &payment.currency)) "." },
            State::Declined => p role="status" { "Declined. Nothing was taken." },
            State::Cancelled => p role="status" { "Cancelled by the shop. It cannot be paid any more." },
        }
        @if payment.refunded > 0 {
            p.quiet { "Given back: " (shown(payment.refunded, &payment.currency)) "." }
        }
        @if let (Some(url), Some(session), false) = (&payment.return_url, payment.session, payment.state == State::Open) {
            p { a href=(with_outcome(url, session, outcome(payment, None))) { "Back to the shop" } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payment(state: State) -> Payment {
        Payment {
            id: Uuid::nil(),
            leg: Uuid::nil(),
            session: Some(Uuid::nil()),
            amount: 120_000,
            currency: "VND".into(),
            description: "Checkout <1>".into(),
            return_url: Some("https://shop.example/a".into()),
            state,
            taken: 0,
            refunded: 0,
            webhooks: Vec::new(),
        }
    }

    #[test]
    fn an_open_payment_has_a_button_for_each_choice() {
        let text = content(&payment(State::Open)).into_string();
        for (value, ..) in CHOICES {
            assert!(text.contains(&format!("value=\"{value}\"")), "{value}");
        }
        assert!(text.contains("120,000 VND") && text.contains("Checkout &lt;1&gt;"));
        assert!(!text.contains("Back to the shop"));
    }

    #[test]
    fn a_decided_payment_has_none() {
        for state in [State::Paid, State::Declined, State::Cancelled] {
            let text = content(&payment(state)).into_string();
            assert!(!text.contains("<button") && text.contains("Back to the shop"));
        }
    }
}
