//! What is taken and what is refused.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer as _, SigningKey};
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{HeaderMap, HeaderValue};
use sha2::{Digest as _, Sha256, Sha512};

use super::super::digest;
use super::super::refusal::Refusal;
use super::{ALL, BODY, ID, NOW, Sent, invalid, key, parameters};

#[test]
fn a_request_that_covers_what_it_must_is_taken() {
    assert_eq!(Sent::new().signed(&ALL, &parameters()).judge(), Ok(1));
    let whole = [
        "@target-uri",
        "@method",
        "x-api-key",
        "idempotency-key",
        "content-digest",
    ];
    let plain = format!(";nonce=\"0123456789abcdef\";created={NOW};keyid=\"{ID}\"");
    assert_eq!(Sent::new().signed(&whole, &plain).judge(), Ok(1));
    // The blanks of the header are not those of the signature base.
    let mut loose = Sent::new().signed(&ALL, &parameters());
    for (name, value) in &mut loose.headers {
        if name == "signature-input" {
            let text = String::from_utf8(value.clone()).unwrap();
            *value = text
                .replace("(\"", "(  \"")
                .replace(";created", "; created")
                .into_bytes();
        }
    }
    assert_eq!(loose.judge(), Ok(1));
}

#[test]
fn what_must_be_covered_and_is_not_is_named() {
    for missing in ALL {
        let left: Vec<&str> = ALL.into_iter().filter(|name| *name != missing).collect();
        let about = match missing {
            "@authority" | "@path" | "@query" => "@target-uri",
            other => other,
        };
        invalid(&Sent::new().signed(&left, &parameters()), about);
    }
    let mut bodiless = Sent::new();
    bodiless.has_body = false;
    bodiless.headers.truncate(2);
    assert_eq!(
        bodiless.clone().signed(&ALL[..5], &parameters()).judge(),
        Ok(1)
    );
    for alias in ["x-idempotency-key", "x-http-method-override"] {
        let mut sent = bodiless.clone();
        sent.headers.push((alias.to_owned(), b"DELETE".to_vec()));
        invalid(&sent.signed(&ALL[..5], &parameters()), alias);
    }
}

#[test]
fn components_with_parameters_are_refused_and_said_so() {
    for parameter in ["req", "sf", "bs", "tr", "key=\"a\"", "name=\"a\""] {
        let mut sent = Sent::new().signed(&ALL, &parameters());
        for (name, value) in &mut sent.headers {
            if name == "signature-input" {
                let text = String::from_utf8(value.clone()).unwrap();
                let with = format!("\"x-api-key\";{parameter}");
                *value = text.replace("\"x-api-key\"", &with).into_bytes();
            }
        }
        let known = parameter.split('=').next().unwrap();
        invalid(&sent, &format!("`{known}`"));
    }
    let twice = [&ALL[..], &["@method"]].concat();
    invalid(&Sent::new().signed(&twice, &parameters()), "twice");
}

#[test]
fn what_a_signature_says_of_itself_is_heeded() {
    let with = |from: &str, to: &str| Sent::new().signed(&ALL, &parameters().replace(from, to));
    let created = format!(";created={NOW}");
    let at = |seconds: i64| with(&created, &format!(";created={}", NOW + seconds));
    assert_eq!(at(300).judge(), Ok(1));
    assert_eq!(at(-300).judge(), Ok(1));
    for late in [301, -301, -NOW, 900_000_000_000_000 - NOW] {
        assert!(
            matches!(at(late).judge(), Err(Refusal::Expired(_))),
            "{late}"
        );
    }
    let expires = |at: i64| with(&created, &format!("{created};expires={at}"));
    assert_eq!(expires(NOW + 1).judge(), Ok(1));
    assert!(matches!(expires(NOW).judge(), Err(Refusal::Expired(_))));
    invalid(&with(&created, ""), "`created`");
    invalid(&with(&created, ";created=\"1\""), "`created`");
    invalid(&with(";nonce=\"0123456789abcdef\"", ""), "`nonce`");
    invalid(&with("0123456789abcdef", "short"), "`nonce`");
    invalid(&with(ID, "key_other"), "`keyid`");
    invalid(&with(&format!(";keyid=\"{ID}\""), ""), "`keyid`");
    for algorithm in ["hmac-sha256", "rsa-pss-sha512", "ED25519", ""] {
        invalid(&with("\"ed25519\"", &format!("\"{algorithm}\"")), "`alg`");
    }
}

#[test]
fn neither_another_key_nor_another_algorithm_signs_for_this_key() {
    let other = SigningKey::from_bytes(&[8; 32]);
    let by_other = |base: &[u8]| other.sign(base).to_bytes().to_vec();
    let sent = Sent::new().signed_by(by_other, &ALL, &parameters());
    invalid(&sent, "is not one of this request");
    // The public key is no secret, so a code made with it proves nothing.
    let by_hmac = |base: &[u8]| {
        let public = key().verifying_key();
        let mut mac = Hmac::<Sha256>::new_from_slice(public.as_bytes()).unwrap();
        mac.update(base);
        mac.finalize().into_bytes().to_vec()
    };
    for alg in [";alg=\"hmac-sha256\"", ";alg=\"ed25519\"", ""] {
        let parameters = parameters().replace(";alg=\"ed25519\"", alg);
        let sent = Sent::new().signed_by(by_hmac, &ALL, &parameters);
        assert!(matches!(sent.judge(), Err(Refusal::Invalid(_))), "{alg}");
    }
}

#[test]
fn any_one_of_several_signatures_does() {
    let nobody = |_: &[u8]| vec![0; 64];
    let sent = Sent::new()
        .signed_by(
            nobody,
            &["@method"],
            ";created=1;keyid=\"proxy\";alg=\"rsa-v1_5-sha256\"",
        )
        .signed(&ALL, &parameters())
        .signed_by(nobody, &ALL, &parameters());
    assert_eq!(sent.judge(), Ok(1));
    // Both are used up when both are good.
    let twice = parameters().replace("0123456789abcdef", "fedcba9876543210");
    let both = Sent::new().signed(&ALL, &parameters()).signed(&ALL, &twice);
    assert_eq!(both.judge(), Ok(2));
    let mut many = Sent::new();
    for _ in 0..9 {
        many = many.signed(&ALL, &parameters());
    }
    invalid(&many, "more than 8");
}

#[test]
fn headers_that_do_not_fit_together_are_refused() {
    assert_eq!(Sent::new().judge(), Err(Refusal::Required));
    let signed = Sent::new().signed(&ALL, &parameters());
    for (left_out, about) in [
        ("signature", "Signature is missing"),
        ("signature-input", "Signature-Input is missing"),
    ] {
        let mut sent = signed.clone();
        sent.headers.retain(|(name, _)| name != left_out);
        invalid(&sent, about);
    }
    for (name, value, about) in [
        ("signature", "sig4=(1 2)", "bytes"),
        ("signature", "sig4=\"text\"", "bytes"),
        ("signature", "other=:AAAA:", "label"),
        ("signature", "sig4=:*:", "dictionary"),
        ("signature-input", "sig4=1", "list"),
        ("signature-input", "sig4=(1)", "string"),
        ("signature-input", "sig4=(\"@method\"", "dictionary"),
        ("signature-input", "", "label"),
    ] {
        let mut sent = signed.clone();
        for (known, old) in &mut sent.headers {
            if known == name {
                *old = value.as_bytes().to_vec();
            }
        }
        invalid(&sent, about);
    }
}

#[test]
fn digests_that_cannot_be_checked_are_refused() {
    let parse = |text: &'static str| {
        let mut headers = HeaderMap::new();
        headers.insert("content-digest", HeaderValue::from_static(text));
        digest::parse(&headers).map(|found| found.len())
    };
    let of = |algorithm: &str, digest: &[u8]| -> &'static str {
        let text = format!("{algorithm}=:{}:", STANDARD.encode(digest));
        Box::leak(text.into_boxed_str())
    };
    let (short, long) = (
        of("sha-256", &Sha256::digest(BODY)),
        of("sha-512", &Sha512::digest(BODY)),
    );
    assert_eq!(parse(short), Ok(1));
    assert_eq!(parse(long), Ok(1));
    let both: &'static str = Box::leak(format!("md5=:AAAA:, {short}, {long}").into_boxed_str());
    assert_eq!(parse(both), Ok(2));
    for wrong in [
        "",
        "md5=:AAAA:",
        "sha-256=:AAAA:",
        "sha-256=\"x\"",
        "sha-256",
        "sha-256=AAAA",
        of("sha-512", &Sha256::digest(BODY)),
    ] {
        assert!(matches!(parse(wrong), Err(Refusal::Invalid(_))), "{wrong}");
    }
}
