use jsonwebtoken::EncodingKey;
use proptest::prelude::*;
use rsa::pkcs1::EncodeRsaPrivateKey;
use rsa::traits::PublicKeyParts;
use rsa::{BigUint, RsaPrivateKey};
use serde_json::json;

use super::*;

/// A key, and the same as others verify by it.
struct Pair {
    private: RsaPrivateKey,
    key: PublishedKey,
    library: DecodingKey,
}

fn pair(bits: usize, exponent: u32) -> Pair {
    let exponent = BigUint::from(exponent);
    let private = RsaPrivateKey::new_with_exp(&mut rsa::rand_core::OsRng, bits, &exponent).unwrap();
    let number = |n: &BigUint| BASE64.encode(n.to_bytes_be());
    let jwk = json!({
        "kty": "RSA", "n": number(private.n()), "e": number(private.e()),
        "kid": "k", "alg": "RS256", "use": "sig",
    });
    let jwk: Jwk = serde_json::from_value(jwk).unwrap();
    Pair {
        library: DecodingKey::from_jwk(&jwk).unwrap(),
        key: PublishedKey::new(jwk),
        private,
    }
}

impl Pair {
    fn sign(&self, text: &str) -> String {
        let der = self.private.to_pkcs1_der().unwrap();
        let key = EncodingKey::from_rsa_der(der.as_bytes());
        jsonwebtoken::crypto::sign(text.as_bytes(), &key, Algorithm::RS256).unwrap()
    }

    /// What we say; the library says the same.
    fn accepts(&self, text: &str, signature: &str) -> bool {
        let ours = self.key.signed(text, signature);
        let theirs = jsonwebtoken::crypto::verify(
            signature,
            text.as_bytes(),
            &self.library,
            Algorithm::RS256,
        );
        assert_eq!(ours, theirs.unwrap_or(false), "{text} {signature}");
        ours
    }

    fn is_fast(&self) -> bool {
        self.key.signed("", "");
        matches!(self.key.verifier.get(), Some(Some(Verifier::Rsa2048(_))))
    }
}

#[test]
fn what_a_key_signed_is_accepted_and_nothing_else() {
    let pair = pair(2048, 65_537);
    assert!(pair.is_fast());
    proptest!(ProptestConfig::with_cases(64), |(text in ".{0,40}", other in ".{0,40}", bit in 0_usize..2048)| {
        let signature = pair.sign(&text);
        prop_assert!(pair.accepts(&text, &signature));
        prop_assert_eq!(pair.accepts(&other, &signature), text == other);
        let mut bytes = BASE64.decode(&signature).unwrap();
        bytes[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(!pair.accepts(&text, &BASE64.encode(bytes)));
    });
}

#[test]
fn the_power_is_that_of_another_library() {
    let pair = pair(2048, 65_537);
    let Some(Verifier::Rsa2048(modulus)) = Verifier::of(&pair.key.jwk) else {
        panic!("not of 2048 bits");
    };
    let n = pair.private.n();
    proptest!(ProptestConfig::with_cases(64), |(bytes in prop::collection::vec(any::<u8>(), 256))| {
        let number = BigUint::from_bytes_be(&bytes);
        let raised = raised(&bytes.try_into().unwrap(), &modulus);
        if number < *n {
            let wanted = number.modpow(&BigUint::from(65_537_u32), n);
            prop_assert_eq!(BigUint::from_bytes_be(&raised.unwrap()), wanted);
        } else {
            prop_assert_eq!(raised, None);
        }
    });
}

#[test]
fn numbers_at_the_edges_are_no_signatures() {
    let pair = pair(2048, 65_537);
    let one = BigUint::from(1_u32);
    let n = pair.private.n();
    let good = BigUint::from_bytes_be(&BASE64.decode(pair.sign("a")).unwrap());
    for number in [
        BigUint::from(0_u32),
        one.clone(),
        n - &one,
        n.clone(),
        n + &one,
    ] {
        let bytes = number.to_bytes_be();
        let mut whole = vec![0; 256 - bytes.len()];
        whole.extend(bytes);
        assert!(!pair.accepts("a", &BASE64.encode(whole)));
    }
    // The same number modulo the modulus, where it still fits.
    let again = (&good + n).to_bytes_be();
    if again.len() == 256 {
        assert!(!pair.accepts("a", &BASE64.encode(again)));
    }
    for signature in [
        "",
        "====",
        "AAAA",
        &BASE64.encode([1; 255]),
        &BASE64.encode([1; 257]),
    ] {
        assert!(!pair.accepts("a", signature));
    }
}

#[test]
fn a_signature_of_a_looser_form_is_refused() {
    // What e = 3 and a reader that skips the padding's end let everybody forge has another form.
    let text = "a";
    let hash = Sha256::digest(text.as_bytes());
    let mut right: Vec<u8> = [0, 1].into_iter().chain([0xff; 202]).chain([0]).collect();
    right.extend(SHA256_IS);
    right.extend(hash);
    let right: [u8; 256] = right.try_into().unwrap();
    assert!(says(&right, text) && !says(&right, "b"));
    for place in [0, 1, 2, 100, 203, 204, 205, 223, 224, 255] {
        let mut wrong = right;
        wrong[place] ^= 1;
        assert!(!says(&wrong, text), "{place}");
    }
    let mut short: Vec<u8> = [0, 1, 0xff, 0xff, 0].into_iter().chain(SHA256_IS).collect();
    short.extend(hash);
    short.resize(256, 0);
    assert!(!says(&short.try_into().unwrap(), text));
}

#[test]
fn keys_of_another_size_or_exponent_go_by_the_library() {
    for other in [pair(2056, 65_537), pair(2048, 3)] {
        assert!(!other.is_fast());
        let signature = other.sign("a");
        assert!(other.accepts("a", &signature) && !other.accepts("b", &signature));
    }
}

#[test]
fn what_is_no_key_signed_nothing() {
    for (n, e) in [("", "AQAB"), ("AAAA", "AQAB"), ("!", "!")] {
        let jwk = json!({"kty": "RSA", "n": n, "e": e, "kid": "k"});
        let key = PublishedKey::new(serde_json::from_value(jwk).unwrap());
        assert!(!key.signed("a", &BASE64.encode([1; 256])));
    }
    let even = BASE64.encode([0x80; 256]);
    let jwk = json!({"kty": "RSA", "n": even, "e": "AQAB", "kid": "k"});
    let key = PublishedKey::new(serde_json::from_value(jwk).unwrap());
    assert!(!key.signed("a", &BASE64.encode([1; 256])));
    let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": "AAAA", "kid": "k"});
    let key = PublishedKey::new(serde_json::from_value(jwk).unwrap());
    assert!(!key.signed("a", &BASE64.encode([1; 64])));
}
