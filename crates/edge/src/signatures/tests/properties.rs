//! Nothing covered can be changed.

use ed25519_dalek::Signer as _;
use http::Method;
use proptest::prelude::*;

use super::{ALL, Sent, key, parameters};

/// A byte of a request that is covered, and what it becomes.
fn changed(at: usize, byte: u8) -> Option<Sent> {
    let mut sent = Sent::new().signed(&ALL, &parameters());
    let mut at = at;
    let mut change = |bytes: &mut Vec<u8>| {
        if at < bytes.len() {
            let old = std::mem::replace(&mut bytes[at], byte);
            at = usize::MAX;
            return Some(old != byte);
        }
        at -= bytes.len();
        None
    };
    let mut method = sent.method.as_str().as_bytes().to_vec();
    let mut target = sent.target.clone().into_bytes();
    let mut did = change(&mut method).or_else(|| change(&mut target));
    for (name, value) in &mut sent.headers {
        // In base64 several texts stand for the same bytes of a signature.
        if name != "signature" {
            did = did.or_else(|| change(value));
        }
    }
    sent.method = Method::from_bytes(&method).ok()?;
    sent.target = String::from_utf8(target).ok()?;
    did.filter(|differs| *differs).map(|_| sent)
}

proptest! {
    #[test]
    fn a_request_with_any_covered_byte_changed_is_refused(at in 0_usize..420, byte in 0x20_u8..0x7f) {
        // Of a host, upper and lower case are the same.
        if let Some(sent) = changed(at, byte) {
            let same_host = sent.header("host").eq_ignore_ascii_case("api.example.com")
                && sent.header("host") != "api.example.com";
            prop_assert!(same_host || sent.judge().is_err(), "{sent:?}");
        }
    }

    #[test]
    fn a_signature_with_any_bit_changed_is_refused(bit in 0_usize..512) {
        let key = key();
        let flipped = |base: &[u8]| {
            let mut signature = key.sign(base).to_bytes().to_vec();
            signature[bit / 8] ^= 1 << (bit % 8);
            signature
        };
        prop_assert!(Sent::new().signed_by(flipped, &ALL, &parameters()).judge().is_err());
    }

    #[test]
    fn noise_in_the_headers_is_refused_and_never_worse(input in "[ -~]{0,80}", signature in "[ -~]{0,80}") {
        let mut sent = Sent::new();
        sent.headers.push(("signature-input".to_owned(), input.into_bytes()));
        sent.headers.push(("signature".to_owned(), signature.into_bytes()));
        prop_assert!(sent.judge().is_err());
    }
}
