//! What everybody may know: which promotions apply by themselves now.

use chrono::{DateTime, Utc};
use garde::Validate;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use stoa_kit::http::{Answer, Problem, Query};
use stoa_kit::{Error, Result};
use uuid::Uuid;

use super::documents::{OpenWindow, list_with_times};
use super::requests::OwnerKind;
use super::validators;
use crate::domain::rule::{BundleItem, Conditions, Goods, Kind, Rule, Scope};
use crate::store::promotions;

/// For which goods.
#[derive(Debug, Deserialize, Validate, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ActiveFilter {
    /// The platform's and this seller's; the platform's alone when left out.
    #[garde(skip)]
    seller_id: Option<Uuid>,
    /// Without those that are about other products only.
    #[garde(skip)]
    product_id: Option<Uuid>,
    /// Of the product, as the catalogue has it: `electronics/phones`. Without those that are about
    /// other categories only.
    #[garde(length(max = 700))]
    category_path: Option<String>,
    /// Of this currency only.
    #[garde(inner(custom(validators::currency)))]
    currency: Option<String>,
}

/// A promotion that applies by itself. All amounts are minor units of its currency.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct ActivePromotion {
    id: Uuid,
    owner: OwnerKind,
    /// The seller on whose products alone it works; null: on all.
    seller_id: Option<Uuid>,
    kind: Kind,
    title: String,
    description: Option<String>,
    #[schema(example = "VND")]
    currency: String,
    rule: Rule,
    scope: Scope,
    conditions: Conditions,
    ends_at: Option<DateTime<Utc>>,
    /// Until when it is on this time.
    window: Option<OpenWindow>,
}

/// Promotions that are on.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct ActiveList {
    /// In the order in which their groups apply.
    items: Vec<ActivePromotion>,
    /// Always null: there is one page.
    next_cursor: Option<String>,
}

/// What of a promotion everybody may know.
const PUBLIC: [&str; 12] = [
    "id",
    "owner",
    "seller_id",
    "kind",
    "title",
    "description",
    "currency",
    "rule",
    "scope",
    "conditions",
    "ends_at",
    "window",
];

/// Lists the promotions that apply by themselves now. Anybody may ask.
///
/// Those for certain segments of accounts are left out. Of a product, what is about its variants is
/// listed too: `scope` says which.
#[utoipa::path(
    get,
    path = "/v1/promotions/active",
    tag = "promotion",
    operation_id = "list_active_promotions",
    params(ActiveFilter),
    responses(
        (status = 200, description = "What is on.", body = ActiveList),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn list_active(Query(filter): Query<ActiveFilter>) -> Result<Answer> {
    let seen = promotions::active(filter.seller_id, filter.currency.as_deref()).await?;
    let items: Vec<Map<String, Value>> = list_with_times(&seen)?
        .into_iter()
        .filter(|promotion| promotion.get("status").is_some_and(|s| s == "on"))
        .filter(|promotion| concerns(promotion, &filter))
        .map(|mut promotion| {
            promotion.retain(|name, _| PUBLIC.contains(&name.as_str()));
            promotion
        })
        .collect();
    let json = serde_json::to_string(&items).map_err(|e| Error::internal(e.to_string()))?;
    Ok(Answer::list::<Uuid>(&json, None).header("cache-control", "public, max-age=5"))
}

/// Whether a promotion may be about the product that is asked for, as far as one can tell.
fn concerns(promotion: &Map<String, Value>, filter: &ActiveFilter) -> bool {
    let Some(product) = filter.product_id else {
        return true;
    };
    let part = |name: &str| promotion.get(name).cloned().unwrap_or_default();
    if let Ok(rule) = BundleShape::deserialize(part("rule")) {
        return rule.items.iter().any(|item| match item.goods {
            Goods::ProductId(id) => id == product,
            Goods::VariantId(_) => true,
        });
    }
    let Ok(scope) = Scope::deserialize(part("scope")) else {
        return false;
    };
    let categories = &scope.categories;
    let in_category = filter.category_path.as_deref().is_none_or(|path| {
        path.split('/')
            .any(|slug| categories.iter().any(|category| category == slug))
    });
    let everything =
        categories.is_empty() && scope.products.is_empty() && scope.variants.is_empty();
    everything
        || scope.products.contains(&product)
        || !scope.variants.is_empty()
        || (!categories.is_empty() && in_category)
}

#[derive(Serialize, Deserialize)]
struct BundleShape {
    items: Vec<BundleItem>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_about_other_products_only_is_left_out() {
        let (mine, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let filter = |category_path: Option<&str>| ActiveFilter {
            seller_id: None,
            product_id: Some(mine),
            category_path: category_path.map(String::from),
            currency: None,
        };
        let shown = |scope: Value, path: Option<&str>| {
            let promotion = json!({"rule": {"off": {"basis_points": 1}}, "scope": scope});
            concerns(promotion.as_object().unwrap(), &filter(path))
        };
        assert!(shown(json!({}), None));
        assert!(shown(json!({"products": [mine]}), None));
        assert!(!shown(json!({"products": [other]}), None));
        assert!(shown(json!({"variants": [other]}), None));
        let phones = json!({"categories": ["phones"]});
        assert!(shown(phones.clone(), None));
        assert!(shown(phones.clone(), Some("electronics/phones")));
        assert!(!shown(phones, Some("electronics/phones-old")));
        let bundle = json!({"rule": {"items": [{"goods": {"product_id": other}, "quantity": 2}],
            "offer": {"price": 5}}, "scope": {}});
        assert!(!concerns(bundle.as_object().unwrap(), &filter(None)));
    }
}
