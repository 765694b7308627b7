//! Pages between the shop and providers: the form that a provider wants to be posted, and the way back.

use axum::extract::RawQuery;
use axum::response::Response;
use maud::html;
use stoa_kit::http::{Path, Problem};
use stoa_kit::{Error, Result, local, variables};
use uuid::Uuid;

use super::pages::{Page, see_other, shown};
use crate::domain::states::LegState;
use crate::providers::sepay::{self, FormOf};
use crate::providers::vnpay::ipn::Returned;
use crate::providers::{Provider, existing, form, return_url};
use crate::store::provider_refs;

/// Sends the buyer's browser on to a provider that wants a form posted.
#[utoipa::path(
    get,
    path = "/v1/payment-providers/{provider}/pay/{leg}",
    tag = "payment",
    operation_id = "pay_by_form",
    params(
        ("provider" = String, Path, description = "`sepay`."),
        ("leg" = Uuid, Path, description = "The attempt, as `pay_url` has it."),
    ),
    responses(
        (status = 200, description = "A page for people, which posts its form by itself.", content_type = "text/html", body = String),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn pay(Path((provider, leg)): Path<(String, Uuid)>) -> Result<Response> {
    let Ok(Provider::Sepay(sepay)) = local(existing(&provider)).await else {
        return Err(Error::not_found());
    };
    let attempt = provider_refs::attempt_at(sepay::NAME, leg)
        .await?
        .ok_or_else(Error::not_found)?;
    if !matches!(attempt.leg.state, LegState::Created | LegState::Pending) {
        return Ok(Page {
            title: "Payment",
            body: html! {
                h1 { "This payment is not open any more" }
                p { "Go back to the shop, where you can pay again if it is not paid." }
            },
            form_to: None,
            script: None,
        }
        .into_response());
    }
    // SePay's texts hold no more than this.
    let description = format!("Checkout {}", attempt.leg.session_id);
    let fields = sepay.form(&FormOf {
        leg,
        session: attempt.leg.session_id,
        amount: attempt.leg.amount,
        description: &description,
        return_url: attempt.return_url.as_deref(),
    });
    Ok(Page {
        title: "Payment",
        body: html! {
            h1 { "On to SePay" }
            p.amount { (shown(attempt.leg.amount, &attempt.leg.currency)) }
            form method="post" action=(sepay.form_url()) {
                @for (name, value) in &fields {
                    input type="hidden" name=(name) value=(value);
                }
                button type="submit" class="first" { "Continue" }
            }
        },
        form_to: Some(sepay.form_url()),
        script: Some("document.forms[0].submit()"),
    }
    .into_response())
}

/// Where a provider sends the buyer back to.
///
/// What its signature says goes along to the shop's page, in `payment`: `paid`, `failed` or `unknown`. It
/// settles nothing: the provider tells us itself.
#[utoipa::path(
    get,
    path = "/v1/payment-providers/{provider}/return",
    tag = "payment",
    operation_id = "return_from_provider",
    params(("provider" = String, Path, description = "`vnpay`.")),
    responses(
        (status = 200, description = "A page for people, where the shop gave none to go back to.", content_type = "text/html", body = String),
        (status = 303, description = "To the shop's page, with `session_id` and `payment` in the query."),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn back(Path(provider): Path<String>, RawQuery(query): RawQuery) -> Result<Response> {
    let Ok(Provider::Vnpay(vnpay)) = local(existing(&provider)).await else {
        return Err(Error::not_found());
    };
    let query = query.unwrap_or_default();
    let outcome = match vnpay.read_return(&query) {
        Some(Returned::Paid) => "paid",
        Some(Returned::Failed) => "failed",
        None => "unknown",
    };
    let pairs = form::decode(&query).unwrap_or_default();
    let public_url = variables::get("public_url").await?;
    // Anybody can write such a link: it leads to the shop or nowhere.
    let to = form::value(&pairs, "to").and_then(|to| return_url::absolute(to, &public_url));
    let session = form::value(&pairs, "session_id").and_then(|id| Uuid::try_parse(id).ok());
    if let (Some(to), Some(session)) = (to, session) {
        return see_other(&return_url::with_outcome(&to, session, outcome));
    }
    Ok(Page {
        title: "Payment",
        body: html! {
            h1 {
                @match outcome {
                    "paid" => "Thank you: VNPAY says that it is paid",
                    "failed" => "VNPAY says that it is not paid",
                    _ => "Back from VNPAY",
                }
            }
            p { "You may close this page. The shop hears from VNPAY by itself." }
        },
        form_to: None,
        script: None,
    }
    .into_response())
}
