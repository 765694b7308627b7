//! Bodies that name what is there, where the document's example could not.

use serde_json::{Value, json};
use uuid::Uuid;

use super::things::Things;
use crate::bad_input::operations::Operation;
use crate::support::actor::PASSWORD;
use crate::support::{goods, mail};

/// The body of a request.
pub async fn of(operation: &Operation, example: &Value, things: &Things) -> Value {
    let unique = Uuid::new_v4().simple().to_string();
    let mut body = example.clone();
    let fields = match operation.name().as_str() {
        "POST /v1/accounts" => json!({
            "username": format!("m-{}", &unique[..12]), "email": mail::address(), "phone": mail::number(),
        }),
        "POST /v1/sessions" => {
            return json!({"identifier": things.bystander.username, "password": PASSWORD});
        }
        "POST /v1/sessions/refresh" => {
            let mut bystander = things.bystander.clone();
            bystander.sign_in().await;
            json!({"refresh_token": bystander.refresh_token})
        }
        "PUT /v1/me/email" => json!({"email": mail::address(), "password": PASSWORD}),
        "PUT /v1/me/phone" => json!({"phone": mail::number(), "password": PASSWORD}),
        "POST /v1/me/password" => json!({"current_password": PASSWORD, "new_password": PASSWORD}),
        "POST /v1/me/totp" | "DELETE /v1/me/totp" | "POST /v1/me/totp/recovery-codes" => {
            json!({"password": PASSWORD})
        }
        // Without the code of a second factor, which they have not.
        "POST /v1/me/api-keys" => {
            return json!({"name": "matrix", "scopes": ["read"], "password": PASSWORD});
        }
        "DELETE /v1/me" => return json!({"password": PASSWORD}),
        // Nobody becomes more than they are, whichever row this stands in.
        "PUT /v1/accounts/{id}/roles" => json!({"roles": ["member"]}),
        "POST /v1/accounts/{id}/suspension" => json!({"until": "2999-01-01T00:00:00Z"}),
        "POST /v1/products" => json!({
            "category_id": things.id("category"), "slug": format!("p-{unique}"),
        }),
        "PATCH /v1/products/{id}" => return json!({"description": "Changed."}),
        "POST /v1/categories" => return json!({"slug": format!("c-{unique}"), "name": "Made"}),
        "PATCH /v1/categories/{id}" => return json!({"name": "Things"}),
        "POST /v1/checkouts" => return goods::checkout(&[(things.id("foreign-variant"), 1)]),
        "POST /v1/cart/lines" => json!({"variant_id": things.id("foreign-variant")}),
        "POST /v1/cart/preview" => return json!({}),
        "POST /v1/stock/imports" => json!({
            "warehouse_id": null, "lines": [{"variant_id": things.id("variant"), "quantity": 1}],
        }),
        "POST /v1/stock/adjustments" => json!({"variant_id": things.id("variant"), "delta": 1}),
        "POST /v1/promotions" => json!({"code": format!("M{unique}")}),
        "POST /v1/promotions/preview" => json!({"codes": []}),
        "POST /v1/payment-methods" => {
            json!({"provider": "sandbox", "token": format!("card_{unique}")})
        }
        "POST /v1/bank-accounts" => json!({"number": unique[..12].to_uppercase()}),
        "POST /v1/wallets/adjustments" => json!({"account_id": things.id("account"), "amount": 1}),
        "POST /v1/escrows/{order_id}/refunds" => {
            return json!({"amount": 1, "reason": "For the matrix", "destination": "wallet"});
        }
        "POST /v1/exchange-rates/snapshots" => json!({"base": "USD", "quotes": ["VND"]}),
        _ => json!({}),
    };
    let fields = fields.as_object().expect("an object").clone();
    if let Some(body) = body.as_object_mut() {
        body.extend(fields);
    }
    body
}
