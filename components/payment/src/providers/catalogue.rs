//! Which providers are there: those that the configuration names and has the secrets of.

use serde::Serialize;
use stoa_kit::variables;

use super::{Provider, Unusable, sandbox, sepay, stripe, vnpay};

/// Paid to whoever brings the goods; there is nothing to call, and no session.
pub const CASH: &str = "cod";

/// How a buyer pays at a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "http", schema(as = ProviderKind))]
pub enum Kind {
    /// In cash when the goods are handed over.
    Cash,
    /// On a page that `pay_url` leads to.
    Page,
    /// In the shop's own page, by the provider's library and what `client_data` holds.
    Client,
}

/// A provider that can be used here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct Offer {
    /// As a checkout names it.
    #[cfg_attr(feature = "http", schema(example = "sandbox"))]
    pub name: &'static str,
    pub kind: Kind,
    /// ISO 4217 codes; null: any.
    #[cfg_attr(feature = "http", schema(example = json!(["VND"])))]
    pub currencies: Option<&'static [&'static str]>,
}

/// The value of a variable, if it has one.
pub(super) async fn configured(name: &'static str) -> Option<String> {
    variables::get(name)
        .await
        .ok()
        .map(|value| value.trim().to_owned())
        .filter(|value| !value.is_empty())
}

/// The value of a variable that holds a URL, without the slash at its end.
pub(super) async fn url(name: &'static str) -> Option<String> {
    configured(name)
        .await
        .map(|url| url.trim_end_matches('/').to_owned())
}

/// Whether the configuration names it.
async fn named(name: &str) -> bool {
    configured("payment_providers")
        .await
        .is_some_and(|list| list.split(',').any(|entry| entry.trim() == name))
}

/// The provider of that name for a payment in that currency.
///
/// # Errors
/// [`Unusable`], with the reason for the client.
pub async fn find(name: &str, currency: &str) -> Result<Provider, Unusable> {
    let provider = usable(name).await?;
    let takes = match &provider {
        Provider::Vnpay(_) | Provider::Sepay(_) => currency == "VND",
        Provider::Stripe(_) => stripe::units::exponent(currency).is_some(),
        Provider::Sandbox(_) => true,
    };
    if takes {
        Ok(provider)
    } else {
        Err(Unusable(format!("{name} takes no {currency}")))
    }
}

/// The provider of a payment that is there already: it is asked and listened to also when it is offered
/// to nobody any more, as long as its secrets are here.
///
/// # Errors
/// [`Unusable`]
pub async fn existing(name: &str) -> Result<Provider, Unusable> {
    let provider = match sandbox::listed_as(name) {
        sandbox::NAME => sandbox::Sandbox::configured(name)
            .await
            .map(Provider::Sandbox),
        stripe::NAME => stripe::Stripe::configured().await.map(Provider::Stripe),
        vnpay::NAME => vnpay::Vnpay::configured().await.map(Provider::Vnpay),
        sepay::NAME => sepay::Sepay::configured().await.map(Provider::Sepay),
        _ => return Err(Unusable(format!("there is no provider {name}"))),
    };
    provider.ok_or_else(|| {
        Unusable(format!(
            "{name} is not set up here: secrets of it are missing"
        ))
    })
}

/// The provider of that name, to keep somebody's card or account there.
///
/// # Errors
/// [`Unusable`], with the reason for the client.
pub async fn keeper(name: &str) -> Result<Provider, Unusable> {
    usable(name).await
}

/// The provider of that name, in whatever currency.
async fn usable(name: &str) -> Result<Provider, Unusable> {
    if name == CASH {
        return Err(Unusable(
            "cash on delivery is paid to whoever brings the goods, not beforehand".into(),
        ));
    }
    if !named(sandbox::listed_as(name)).await {
        return Err(Unusable(format!("there is no provider {name} here")));
    }
    existing(name).await
}

/// All that can be used, in the order of the configuration.
pub async fn offers() -> Vec<Offer> {
    const VND: Option<&[&str]> = Some(&["VND"]);
    let all = [
        (sandbox::NAME, Kind::Page, None),
        (stripe::NAME, Kind::Client, None),
        (vnpay::NAME, Kind::Page, VND),
        (sepay::NAME, Kind::Page, VND),
        (CASH, Kind::Cash, None),
    ];
    let list = configured("payment_providers").await.unwrap_or_default();
    let mut offers: Vec<Offer> = Vec::new();
    for entry in list.split(',').map(str::trim) {
        let Some((name, kind, currencies)) = all.into_iter().find(|(name, ..)| *name == entry)
        else {
            continue;
        };
        let known = offers.iter().any(|offer| offer.name == name);
        if !known && (name == CASH || usable(name).await.is_ok()) {
            offers.push(Offer {
                name,
                kind,
                currencies,
            });
        }
    }
    offers
}
