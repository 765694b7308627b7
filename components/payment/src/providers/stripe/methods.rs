//! Saved methods at Stripe: cards and accounts that belong to a customer there, and each customer to one
//! account of ours.
//!
//! What a client calls a method proves nothing: whoever knows a name could pay with it. Stripe gives a
//! method to one customer only, so it is the client's when it belongs to the customer of their account.

use uuid::Uuid;

use super::objects::{Customer, Failure, List, Method};
use super::{Stripe, encode, escape, failure, refused};
use crate::providers::CallError;
use crate::providers::methods::NotKept;

impl Stripe {
    /// See [`crate::providers::Provider::keep`].
    pub async fn keep(
        &self,
        account: Uuid,
        known: Option<&str>,
        token: &str,
    ) -> Result<String, NotKept> {
        if !is_method(token) {
            return Err(NotKept::NoToken(
                "Stripe's name of a payment method, such as pm_1NExample.".into(),
            ));
        }
        let customer = self.customer(account, known).await?;
        let path = format!("/v1/payment_methods/{}/attach", escape(token));
        let form = [("customer", customer.clone())];
        // Giving it to the same customer again does no harm, so that no answer has to be remembered.
        let answer = self.post(&path, &form, Uuid::new_v4()).await?;
        let method = if answer.is_success() {
            answer.json::<Method>().map_err(CallError::from)?
        } else {
            self.attached(token, answer.status, &failure(&answer))
                .await?
        };
        if method.customer.as_deref() == Some(&customer) {
            // Stripe may have made another one of it.
            Ok(format!("{customer}/{}", method.id))
        } else {
            Err(refusal())
        }
    }

    /// The method that Stripe would not give away: perhaps it belongs to this customer already.
    async fn attached(
        &self,
        token: &str,
        status: u16,
        failure: &Failure,
    ) -> Result<Method, NotKept> {
        match refused(status, failure) {
            CallError::Unknown(text) => return Err(NotKept::Unknown(text)),
            // The card itself is no good: such words are for its owner.
            CallError::Refused(_) if failure.kind == "card_error" => {
                return Err(NotKept::Refused(failure.text()));
            }
            CallError::Refused(_) => {}
        }
        let path = format!("/v1/payment_methods/{}", escape(token));
        let found: Option<Method> = self.get(&path).await?;
        found.ok_or_else(|| NotKept::NoToken("A payment method that Stripe knows.".into()))
    }

    /// The account's customer: of another method that is kept, by what its metadata say, or a new one. In
    /// its first moments Stripe does not find one by metadata, but knows the key then.
    async fn customer(&self, account: Uuid, known: Option<&str>) -> Result<String, NotKept> {
        let of_another = known
            .and_then(|token| token.split_once('/'))
            .map(|(customer, _)| customer.to_owned());
        if let Some(customer) = of_another {
            return Ok(customer);
        }
        let query = format!("metadata['account']:'{account}'");
        let path = format!(
            "/v1/customers/search?{}",
            encode(&[("query", query.as_str()), ("limit", "1")])
        );
        let list: List<Customer> = self.get(&path).await?.unwrap_or_default();
        if let Some(customer) = list.data.into_iter().next() {
            return Ok(customer.id);
        }
        let form = [("metadata[account]", account.to_string())];
        let key = Uuid::new_v5(&account, b"customer");
        let answer = self.post("/v1/customers", &form, key).await?;
        if answer.is_success() {
            let customer: Customer = answer.json().map_err(CallError::from)?;
            return Ok(customer.id);
        }
        // Nothing here is of the client's making.
        Err(NotKept::Unknown(format!(
            "Stripe makes no customer: {} {}",
            answer.status,
            failure(&answer).text()
        )))
    }
}

fn refusal() -> NotKept {
    NotKept::Refused("it belongs to somebody else, or cannot be used any more".into())
}

/// A bare name of a method. Whose it is follows from who asks, and from nothing that they send.
fn is_method(token: &str) -> bool {
    token.strip_prefix("pm_").is_some_and(|rest| {
        !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_bare_name_of_a_method_is_one() {
        assert!(is_method("pm_1NExample") && is_method("pm_card_visa"));
        for token in [
            "",
            "pm_",
            "cus_1/pm_1",
            "pm_1/pm_2",
            "pm_1?x",
            "pm_1 ",
            "card_1",
            "PM_1",
        ] {
            assert!(!is_method(token), "{token}");
        }
    }
}
