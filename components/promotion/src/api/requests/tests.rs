use super::*;
use serde_json::json;

fn new() -> Value {
    json!({
        "kind": "product_discount", "title": "Ten off", "code": "ten-off", "currency": "VND",
        "rule": {"off": {"basis_points": 1000}}, "starts_at": "2026-01-01T00:00:00.123456Z",
    })
}

fn row(body: Value) -> Value {
    let body: NewPromotion = serde_json::from_value(body).unwrap();
    assert!(body.validate().is_ok());
    body.into_row().unwrap()
}

#[test]
fn a_row_has_everything_that_was_left_out() {
    let row = row(new());
    assert_eq!(row["code"], "TEN-OFF");
    assert_eq!(row["enabled"], true);
    assert_eq!(
        (&row["group_name"], &row["group_position"]),
        (&json!("default"), &json!(100))
    );
    assert_eq!(row["starts_at"], "2026-01-01T00:00:00.123Z");
    assert_eq!(row["scope"], json!({}));
    assert!(row["budget"].is_null() && row["recurrence"].is_null());
}

#[test]
fn what_pricing_could_not_read_is_pointed_at() {
    let mut body = new();
    body["rule"] = json!({"off": {"basis_points": 0}});
    body["ends_at"] = json!("2025-01-01T00:00:00Z");
    let body: NewPromotion = serde_json::from_value(body).unwrap();
    let Err(Error::Invalid(errors)) = body.into_row() else {
        panic!("not refused")
    };
    let mut pointers: Vec<_> = errors.iter().map(|e| e.pointer.as_str()).collect();
    pointers.sort_unstable();
    assert_eq!(pointers, ["/ends_at", "/rule/off/basis_points"]);
}

#[test]
fn a_patch_leaves_alone_what_it_does_not_name() {
    let mut current = row(new());
    current["id"] = json!("0198f0a0-0000-7000-8000-000000000001");
    current["seller_id"] = json!(null);
    current["exhausted"] = json!(false);
    current["version"] = json!(3);
    current["created_at"] = json!("2026-01-01T00:00:00.000Z");
    current["updated_at"] = json!("2026-01-01T00:00:00.000Z");
    let over = |patch: Value| {
        let patch: PromotionPatch = serde_json::from_value(patch).unwrap();
        let whole = patch.over(&current.to_string()).unwrap();
        whole.into_row().unwrap()
    };
    assert_eq!(over(json!({})), row(new()));
    let changed = over(json!({"code": null, "budget": 7, "enabled": false}));
    assert!(changed["code"].is_null());
    assert_eq!(
        (&changed["budget"], &changed["enabled"]),
        (&json!(7), &json!(false))
    );
    assert_eq!(changed["rule"], row(new())["rule"]);
    assert!(over(json!({"budget": null}))["budget"].is_null());
}
