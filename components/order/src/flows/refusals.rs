//! Refusals as a journal keeps them: `{"code", "facts"}`, or `{"invalid": [{"pointer", "code",
//! "detail"}]}`.

use serde_json::{Value, json};
use stoa_kit::Error;
#[cfg(feature = "http")]
use stoa_kit::error::FieldError;

/// What a client is told, to be kept. `None` of what is no refusal.
pub fn keep(error: Error) -> Option<Value> {
    match error {
        Error::Problem { code, facts } => Some(json!({"code": code, "facts": facts})),
        Error::Invalid(fields) => Some(json!({"invalid": fields})),
        Error::Unavailable(text) => Some(json!({"code": "unavailable", "facts": {"cause": text}})),
        Error::Internal(_) => None,
    }
}

/// What a client is told of a kept refusal.
#[cfg(feature = "http")]
#[must_use]
pub fn tell(kept: &Value) -> Error {
    let text = |value: &Value, name: &str| {
        let text = value.get(name).and_then(Value::as_str);
        text.unwrap_or_default().to_owned()
    };
    if let Some(fields) = kept.get("invalid").and_then(Value::as_array) {
        return Error::Invalid(
            fields
                .iter()
                .map(|field| FieldError {
                    pointer: text(field, "pointer"),
                    code: text(field, "code"),
                    detail: text(field, "detail"),
                })
                .collect(),
        );
    }
    let facts = kept.get("facts").cloned().unwrap_or(Value::Null);
    match text(kept, "code").as_str() {
        "" => Error::internal(format!("a refusal without a code: {kept}")),
        "unavailable" => Error::Unavailable(text(&facts, "cause")),
        code => Error::problem_with(code, facts),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_told_as_it_was_before_it_was_kept() {
        for error in [
            Error::problem("cart_empty"),
            Error::problem_with("own_goods", json!({"lines": [1]})),
            Error::invalid("/lines/0/quantity", "below_minimum", "More."),
            Error::Unavailable("busy".into()),
        ] {
            let before = format!("{error:?}");
            let kept = keep(error).expect("a refusal");
            assert_eq!(format!("{:?}", tell(&kept)), before);
        }
        assert!(keep(Error::internal("a fault")).is_none());
        assert!(matches!(tell(&json!({})), Error::Internal(_)));
    }
}
