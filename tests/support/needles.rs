//! Finding many secrets in much text at once.

use std::collections::BTreeMap;

use aho_corasick::AhoCorasick;
use base64::Engine as _;

/// So much of a secret is looked for: of a long one its end, which no other has. The end of a JWT is its
/// signature, and that of an API key what is secret of it.
const CUT: usize = 40;

/// What somebody knows or an app was given, and where it may lie all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    /// What it is.
    pub what: String,
    pub text: String,
    /// Tables in which it lies because it is used from there.
    pub allowed: &'static [&'static str],
}

/// A secret where it should not be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    pub what: String,
    pub place: String,
}

/// What was found, each with the text in front of it where it was seen first.
pub type Finds = BTreeMap<Found, String>;

/// Secrets, ready to be looked for.
#[derive(Debug)]
pub struct Needles {
    search: AhoCorasick,
    /// Whose form a pattern is: what it is, and where it may lie.
    owners: Vec<(String, &'static [&'static str])>,
}

impl Needles {
    pub fn of(secrets: &[Secret]) -> Needles {
        let mut patterns = Vec::new();
        let mut owners = Vec::new();
        for secret in secrets {
            for form in forms(&secret.text) {
                patterns.push(form);
                owners.push((secret.what.clone(), secret.allowed));
            }
        }
        Needles {
            search: AhoCorasick::new(patterns).expect("patterns that are not too many"),
            owners,
        }
    }

    /// Adds what stands in the text of a place and may not lie there.
    pub fn look(&self, place: &str, text: &[u8], finds: &mut Finds) {
        for seen in self.search.find_overlapping_iter(text) {
            let (what, allowed) = &self.owners[seen.pattern().as_usize()];
            if place
                .strip_prefix("table ")
                .is_some_and(|table| allowed.contains(&table))
            {
                continue;
            }
            let found = Found {
                what: what.clone(),
                place: place.to_owned(),
            };
            finds.entry(found).or_insert_with(|| {
                let before = &text[seen.start().saturating_sub(80)..seen.start()];
                String::from_utf8_lossy(before).into_owned()
            });
        }
    }
}

/// How a secret would look: as it is, and as its bytes in a row, those that it stands for too.
fn forms(secret: &str) -> Vec<String> {
    let mut forms = vec![
        end(secret, CUT).to_owned(),
        hex_end(secret.as_bytes(), CUT / 2),
    ];
    let signature = secret.rsplit('.').next().unwrap_or(secret);
    let encoded = signature.strip_prefix("stoa_").unwrap_or(signature);
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(encoded);
    if let Some(bytes) = bytes.ok().filter(|bytes| bytes.len() >= 16) {
        forms.push(hex_end(&bytes, CUT / 2));
    }
    forms
}

/// The end of a text, about so many bytes of it.
fn end(text: &str, bytes: usize) -> &str {
    let mut from = text.len().saturating_sub(bytes);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    &text[from..]
}

fn hex_end(bytes: &[u8], count: usize) -> String {
    bytes[bytes.len().saturating_sub(count)..]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(what: &str, text: &str, allowed: &'static [&'static str]) -> Secret {
        Secret {
            what: what.to_owned(),
            text: text.to_owned(),
            allowed,
        }
    }

    fn seen(secrets: &[Secret], place: &str, text: &str) -> Vec<String> {
        let mut finds = Finds::new();
        Needles::of(secrets).look(place, text.as_bytes(), &mut finds);
        finds.into_keys().map(|found| found.what).collect()
    }

    #[test]
    fn a_secret_is_found_as_text_as_bytes_and_as_what_it_stands_for() {
        let bytes: Vec<u8> = (0..32).collect();
        let token = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(&bytes);
        let all = [
            secret("token", &token, &[]),
            secret("none", "0123456789abcdef", &[]),
        ];
        for text in [
            format!("{{\"at\":\"/v1/x?token={token}\"}}"),
            format!("\\x{}", hex_end(token.as_bytes(), 99)),
            format!("(1,\"\\\\x{}\")", hex_end(&bytes, 99)),
        ] {
            assert_eq!(seen(&all, "file a", &text), ["token"], "{text}");
        }
        assert!(seen(&all, "file a", &token[1..20]).is_empty());
    }

    #[test]
    fn of_a_jwt_the_signature_is_looked_for() {
        let signature =
            "c2lnbmF0dXJlIHRoYXQgaXMgbG9uZyBlbm91Z2ggdG8gYmUgY3V0IG9mZiBhdCB0aGUgZnJvbnQ";
        let jwt = format!("eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJhbmEifQ.{signature}");
        let all = [secret("access token", &jwt, &[])];
        assert_eq!(
            seen(&all, "file a", &format!("bearer {jwt} said")),
            ["access token"]
        );
        assert_eq!(seen(&all, "file a", signature), ["access token"]);
        // What everybody's begins with is nothing secret.
        assert!(seen(&all, "file a", "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJhbmEifQ.").is_empty());
    }

    #[test]
    fn a_secret_may_lie_in_its_table_and_nowhere_else() {
        let all = [
            secret("card", "pm_0123456789abcdef", &["payment.saved_method"]),
            secret("within it", "0123456789abcdef", &[]),
        ];
        let text = "(7,pm_0123456789abcdef)";
        assert_eq!(
            seen(&all, "table payment.saved_method", text),
            ["within it"]
        );
        for elsewhere in [
            "table payment.saved_methods",
            "file payment.saved_method",
            "redis x",
        ] {
            assert_eq!(seen(&all, elsewhere, text), ["card", "within it"]);
        }
    }

    #[test]
    fn what_is_cut_is_cut_between_signs() {
        let word = "ñ".repeat(30) + "x";
        assert_eq!(end(&word, 40), "ñ".repeat(19) + "x");
        assert_eq!(end("short", 40), "short");
    }
}
