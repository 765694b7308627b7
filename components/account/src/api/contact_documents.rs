//! What contacts look like, in requests and answers.

use garde::Validate;
use serde::{Deserialize, Deserializer, Serialize};
use stoa_kit::{Error, Result};
use uuid::Uuid;

use super::validators;
use crate::domain::{contact, identifier};

/// An entry of an address book.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct Contact {
    id: Uuid,
    /// Who takes the goods, or hands them out.
    receiver: String,
    /// E.164.
    #[schema(example = "+84901234567")]
    phone: String,
    /// Street and house, 1 to 3 lines.
    address_lines: Vec<String>,
    city: String,
    /// Province or state.
    region: Option<String>,
    postal_code: Option<String>,
    /// ISO 3166-1 alpha-2.
    #[schema(example = "VN")]
    country: String,
    /// Codes of the administrative areas, from the widest to the narrowest.
    area_codes: Vec<String>,
    /// Degrees north (WGS 84).
    latitude: Option<f64>,
    /// Degrees east (WGS 84).
    longitude: Option<f64>,
    /// Where goods go when nothing else is said.
    is_default_delivery: bool,
    /// Where carriers fetch what the account sells when nothing else is said.
    is_default_pickup: bool,
    /// The ETag, for `If-Match`.
    version: i64,
    created_at: chrono::DateTime<chrono::Utc>,
    updated_at: chrono::DateTime<chrono::Utc>,
}

/// An address book.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct ContactList {
    /// Newest first, at most 20.
    items: Vec<Contact>,
    /// Always `null`: the list is whole.
    next_cursor: Option<String>,
}

/// A new entry.
#[derive(Debug, Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewContact {
    /// Who takes the goods, or hands them out.
    #[garde(length(chars, min = 1, max = 100), custom(validators::line))]
    #[schema(example = "Nguyễn Thị Lan", min_length = 1, max_length = 100)]
    receiver: String,
    /// E.164; spaces and marks between digits are left out.
    #[garde(custom(validators::phone))]
    #[schema(example = "+84901234567")]
    phone: String,
    /// Street and house, 1 to 3 lines.
    #[garde(
        length(min = 1, max = 3),
        inner(length(chars, min = 1, max = 200), custom(validators::line))
    )]
    #[schema(example = json!(["12 Hàng Bạc"]), min_items = 1, max_items = 3)]
    address_lines: Vec<String>,
    #[garde(length(chars, min = 1, max = 100), custom(validators::line))]
    #[schema(example = "Hà Nội", min_length = 1, max_length = 100)]
    city: String,
    /// Province or state.
    #[garde(inner(length(chars, min = 1, max = 100), custom(validators::line)))]
    #[schema(min_length = 1, max_length = 100)]
    region: Option<String>,
    #[garde(inner(length(chars, min = 1, max = 20), custom(validators::line)))]
    #[schema(example = "10000", min_length = 1, max_length = 20)]
    postal_code: Option<String>,
    /// ISO 3166-1 alpha-2, upper case.
    #[garde(custom(validators::country))]
    #[schema(example = "VN")]
    country: String,
    /// Codes of the administrative areas, from the widest to the narrowest.
    #[garde(length(max = 5), inner(custom(validators::area_code)))]
    #[serde(default)]
    #[schema(example = json!(["01", "002", "00070"]), max_items = 5)]
    area_codes: Vec<String>,
    /// Degrees north (WGS 84); with `longitude`.
    #[garde(range(min = -90.0, max = 90.0))]
    #[schema(example = 21.0341, minimum = -90, maximum = 90)]
    latitude: Option<f64>,
    /// Degrees east (WGS 84); with `latitude`.
    #[garde(range(min = -180.0, max = 180.0))]
    #[schema(example = 105.8528, minimum = -180, maximum = 180)]
    longitude: Option<f64>,
    /// `true` takes the default from the contact that has it. The first contact has both anyway.
    #[garde(skip)]
    #[serde(default)]
    is_default_delivery: bool,
    /// As `is_default_delivery`.
    #[garde(skip)]
    #[serde(default)]
    is_default_pickup: bool,
}

/// Changes to an entry. What is left out stays as it is.
#[derive(Debug, Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactPatch {
    /// Who takes the goods, or hands them out.
    #[garde(inner(length(chars, min = 1, max = 100), custom(validators::line)))]
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Nguyễn Thị Lan", min_length = 1, max_length = 100)]
    receiver: Option<String>,
    /// E.164; spaces and marks between digits are left out.
    #[garde(inner(custom(validators::phone)))]
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "+84901234567")]
    phone: Option<String>,
    /// Replaces all of them.
    #[garde(inner(
        length(min = 1, max = 3),
        inner(length(chars, min = 1, max = 200), custom(validators::line))
    ))]
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = json!(["12 Hàng Bạc"]), min_items = 1, max_items = 3)]
    address_lines: Option<Vec<String>>,
    #[garde(inner(length(chars, min = 1, max = 100), custom(validators::line)))]
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Hà Nội", min_length = 1, max_length = 100)]
    city: Option<String>,
    /// Province or state; `null` takes it away.
    #[garde(inner(inner(length(chars, min = 1, max = 100), custom(validators::line))))]
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    region: Option<Option<String>>,
    /// `null` takes it away.
    #[garde(inner(inner(length(chars, min = 1, max = 20), custom(validators::line))))]
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(value_type = Option<String>, example = "10000", min_length = 1, max_length = 20)]
    postal_code: Option<Option<String>>,
    /// ISO 3166-1 alpha-2, upper case.
    #[garde(inner(custom(validators::country)))]
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "VN")]
    country: Option<String>,
    /// Replaces all of them.
    #[garde(inner(length(max = 5), inner(custom(validators::area_code))))]
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = json!(["01", "002", "00070"]), max_items = 5)]
    area_codes: Option<Vec<String>>,
    /// Degrees north (WGS 84); with `longitude`. `null` for both takes the pin away.
    #[garde(inner(inner(range(min = -90.0, max = 90.0))))]
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(value_type = Option<f64>, example = 21.0341, minimum = -90, maximum = 90)]
    latitude: Option<Option<f64>>,
    /// Degrees east (WGS 84); with `latitude`.
    #[garde(inner(inner(range(min = -180.0, max = 180.0))))]
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(value_type = Option<f64>, example = 105.8528, minimum = -180, maximum = 180)]
    longitude: Option<Option<f64>>,
    /// `true` takes the default from the contact that has it; `false` is refused for the one that
    /// has it.
    #[garde(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    is_default_delivery: Option<bool>,
    /// As `is_default_delivery`.
    #[garde(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    is_default_pickup: Option<bool>,
}

impl NewContact {
    /// In the form in which it is stored.
    pub(super) fn normalised(mut self) -> Result<Self> {
        pin_is_whole(self.latitude, self.longitude)?;
        self.phone = identifier::phone(&self.phone).unwrap_or_default();
        Ok(self)
    }
}

impl ContactPatch {
    /// In the form in which it is stored.
    pub(super) fn normalised(mut self) -> Result<Self> {
        pin_is_whole(self.latitude, self.longitude)?;
        pin_is_whole(self.latitude.flatten(), self.longitude.flatten())?;
        self.phone = self.phone.as_deref().and_then(identifier::phone);
        Ok(self)
    }
}

fn pin_is_whole<T>(latitude: Option<T>, longitude: Option<T>) -> Result<()> {
    contact::missing_half(latitude, longitude).map_or(Ok(()), |half| {
        Err(Error::invalid(
            format!("/{half}"),
            "missing_field",
            "A pin has a latitude and a longitude: give both or neither.",
        ))
    })
}

/// Tells `null` from a field that was left out.
fn given<'de, T, D>(deserializer: D) -> std::result::Result<Option<Option<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::<T>::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn new(change: Value) -> std::result::Result<NewContact, String> {
        let mut body = json!({
            "receiver": "Lan", "phone": "+84 (0)90-123.45.67", "address_lines": ["12 Hàng Bạc"],
            "city": "Hà Nội", "country": "VN",
        });
        body.as_object_mut()
            .unwrap()
            .extend(change.as_object().unwrap().clone());
        let contact: NewContact = serde_json::from_value(body).map_err(|e| e.to_string())?;
        contact.validate().map_err(|e| e.to_string())?;
        contact.normalised().map_err(|e| format!("{e:?}"))
    }

    fn patch(body: Value) -> std::result::Result<Value, String> {
        let patch: ContactPatch = serde_json::from_value(body).map_err(|e| e.to_string())?;
        patch.validate().map_err(|e| e.to_string())?;
        let patch = patch.normalised().map_err(|e| format!("{e:?}"))?;
        serde_json::to_value(patch).map_err(|e| e.to_string())
    }

    #[test]
    fn little_is_enough_for_a_contact() {
        let contact = serde_json::to_value(new(json!({})).unwrap()).unwrap();
        assert_eq!(contact["phone"], "+840901234567");
        assert_eq!(contact["area_codes"], json!([]));
        assert_eq!(contact["is_default_pickup"], false);
    }

    #[test]
    fn every_field_has_its_bounds() {
        for bad in [
            json!({"receiver": " "}),
            json!({"receiver": "x".repeat(101)}),
            json!({"phone": "0901234567"}),
            json!({"address_lines": []}),
            json!({"address_lines": ["a", "b", "c", "d"]}),
            json!({"address_lines": ["a\nb"]}),
            json!({"address_lines": ["x".repeat(201)]}),
            json!({"city": "\u{0}"}),
            json!({"region": ""}),
            json!({"postal_code": "1".repeat(21)}),
            json!({"country": "vn"}),
            json!({"area_codes": ["1", "2", "3", "4", "5", "6"]}),
            json!({"area_codes": ["Hà Nội"]}),
            json!({"latitude": 90.5, "longitude": 1.0}),
            json!({"latitude": 1.0, "longitude": -180.5}),
            json!({"latitude": 1.0}),
            json!({"longitude": 1.0, "latitude": null}),
            json!({"note": "ring"}),
        ] {
            assert!(new(bad.clone()).is_err(), "{bad}");
            // What a patch says is held to the same bounds.
            assert!(patch(bad.clone()).is_err(), "patch {bad}");
        }
        assert!(new(json!({"latitude": -90, "longitude": 180, "region": "ễ".repeat(100)})).is_ok());
    }

    #[test]
    fn a_broken_rule_is_pointed_at_however_deep_its_field_is_wrapped() {
        let patch: ContactPatch = serde_json::from_value(json!({
            "receiver": " ", "address_lines": ["a", "b\n"], "region": "", "area_codes": ["1", "?"],
            "latitude": 91.0, "longitude": 0.0,
        }))
        .unwrap();
        let report = patch.validate().unwrap_err();
        let mut paths: Vec<String> = report.iter().map(|(path, _)| path.to_string()).collect();
        paths.sort();
        paths.dedup();
        assert_eq!(
            paths,
            [
                "address_lines[1]",
                "area_codes[1]",
                "latitude",
                "receiver",
                "region"
            ]
        );
    }

    #[test]
    fn a_patch_keeps_what_it_leaves_out_and_takes_away_what_is_null() {
        assert_eq!(patch(json!({})), Ok(json!({})));
        assert_eq!(patch(json!({"receiver": null})), Ok(json!({})));
        let taken =
            json!({"region": null, "postal_code": null, "latitude": null, "longitude": null});
        assert_eq!(patch(taken.clone()), Ok(taken));
        assert_eq!(
            patch(json!({"phone": "+84 901 234 567"})),
            Ok(json!({"phone": "+84901234567"}))
        );
        for half in [
            json!({"latitude": null}),
            json!({"longitude": 1.0, "latitude": null}),
        ] {
            assert!(patch(half.clone()).is_err(), "{half}");
        }
    }
}
