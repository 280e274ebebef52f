//! The text that is signed, by the RFC and by the page for partners.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use covergen_bff::{Credential, CredentialSource, Presented};
use covergen_identity::RequestKey;
use ed25519_dalek::SigningKey;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use sha2::{Digest as _, Sha256};

use super::super::input::Signed;
use super::super::message::{Message, PublicUrl};
use super::super::refusal::Refusal;
use super::super::{digest, good, input, rules};
use super::{ALL, Sent, parameters};

#[test]
fn the_ed25519_example_of_rfc_9421_holds() {
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("host", "example.com"),
        ("date", "Tue, 20 Apr 2021 02:07:55 GMT"),
        ("content-type", "application/json"),
        ("content-length", "18"),
        (
            "signature-input",
            "sig-b26=(\"date\" \"@method\" \"@path\" \"@authority\" \"content-type\" \
             \"content-length\");created=1618884473;keyid=\"test-key-ed25519\"",
        ),
        (
            "signature",
            "sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let uri = Uri::from_static("/foo?param=Value&Pet=dog");
    let request = Presented {
        method: &Method::POST,
        uri: &uri,
        headers: &headers,
        credential: Credential {
            token: "",
            source: CredentialSource::ApiKey,
        },
        has_body: true,
    };
    let message = Message::of(&request, None).unwrap();
    let signed = input::parse(&headers).unwrap().remove(0).unwrap();
    let base = message.base(&signed).unwrap();
    assert_eq!(
        base,
        "\"date\": Tue, 20 Apr 2021 02:07:55 GMT\n\
         \"@method\": POST\n\
         \"@path\": /foo\n\
         \"@authority\": example.com\n\
         \"content-type\": application/json\n\
         \"content-length\": 18\n\
         \"@signature-params\": (\"date\" \"@method\" \"@path\" \"@authority\" \"content-type\" \
         \"content-length\");created=1618884473;keyid=\"test-key-ed25519\""
    );
    let key = STANDARD
        .decode("JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=")
        .unwrap();
    let key = RequestKey::parse(&key).unwrap();
    assert!(key.verifies(base.as_bytes(), &signed.signature));
}

/// The block of the page for partners that is in that language.
fn documented(language: &str) -> &'static str {
    let page = include_str!("../../../../../docs/partner-signatures.md");
    let begin = format!("```{language}\n");
    let (_, rest) = page.split_once(&begin).unwrap();
    rest.split_once("\n```").unwrap().0
}

#[test]
fn the_example_for_partners_holds() {
    let (head, body) = documented("http").split_once("\n\n").unwrap();
    let mut lines = head.lines();
    let target = lines.next().unwrap().split(' ').nth(1).unwrap();
    let mut headers = HeaderMap::new();
    for line in lines {
        let (name, value) = line.split_once(": ").unwrap();
        headers.append(
            HeaderName::try_from(name).unwrap(),
            HeaderValue::try_from(value).unwrap(),
        );
    }
    let uri: Uri = target.parse().unwrap();
    let request = Presented {
        method: &Method::POST,
        uri: &uri,
        headers: &headers,
        credential: Credential {
            token: "cg_live_EXAMPLE",
            source: CredentialSource::ApiKey,
        },
        has_body: true,
    };
    let message = Message::of(&request, None).unwrap();
    let signed = input::parse(&headers).unwrap().remove(0).unwrap();
    assert_eq!(message.base(&signed).unwrap(), documented("text"));
    let private = documented_private_key();
    let public = RequestKey::parse(private.verifying_key().as_bytes()).unwrap();
    let (id, now) = ("key_0191f0c8a2b07c1e8d4f2a6b9c3e5d70", 1_796_000_000);
    let good = good(&message, &rules::Wanted::of(&request), id, &public, now);
    assert_eq!(good.unwrap(), [signed]);
    let digest = Sha256::digest(body.as_bytes()).to_vec();
    assert_eq!(
        digest::parse(&headers),
        Ok(vec![covergen_bff::ContentDigest::Sha256(digest)])
    );
}

fn documented_private_key() -> SigningKey {
    let page = include_str!("../../../../../docs/partner-signatures.md");
    let (_, rest) = page.split_once("private key `").unwrap();
    let seed = STANDARD.decode(rest.split_once('`').unwrap().0).unwrap();
    SigningKey::from_bytes(&seed.try_into().unwrap())
}

#[test]
fn the_signature_base_is_that_of_rfc_9421() {
    let mut headers = HeaderMap::new();
    headers.append("x-a", HeaderValue::from_static(" one  "));
    headers.append("x-a", HeaderValue::from_static("two, three\t"));
    headers.append("x-empty", HeaderValue::from_static(""));
    headers.insert("host", HeaderValue::from_static("WWW.Example.com:80"));
    let of = |target: &'static str, names: &[&str], at: Option<&PublicUrl>| {
        let uri = Uri::from_static(target);
        let request = Presented {
            method: &Method::GET,
            uri: &uri,
            headers: &headers,
            credential: Credential {
                token: "",
                source: CredentialSource::ApiKey,
            },
            has_body: false,
        };
        let signed = Signed {
            components: names.iter().map(|name| (*name).to_owned()).collect(),
            parameters: "()".to_owned(),
            created: None,
            expires: None,
            key_id: None,
            algorithm: None,
            nonce: None,
            signature: Vec::new(),
        };
        Message::of(&request, at).and_then(|message| message.base(&signed))
    };
    let end = "\"@signature-params\": ()";
    let line = |text: &str| Ok(format!("{text}\n{end}"));
    assert_eq!(of("/p", &[], None), Ok(end.to_owned()));
    assert_eq!(of("/p", &["x-a"], None), line("\"x-a\": one, two, three"));
    assert_eq!(of("/p", &["x-empty"], None), line("\"x-empty\": "));
    assert_eq!(of("/p", &["@query"], None), line("\"@query\": ?"));
    assert_eq!(of("/p?", &["@query"], None), line("\"@query\": ?"));
    assert_eq!(
        of("/p%2F?a=%41&a", &["@request-target"], None),
        line("\"@request-target\": /p%2F?a=%41&a")
    );
    let named = of("/p", &["@authority", "@scheme"], None);
    let expected = line("\"@authority\": www.example.com\n\"@scheme\": http");
    assert_eq!(named, expected);
    // HTTP/2 and absolute targets name the host themselves.
    let absolute = of("https://Other.example:443/", &["@target-uri"], None);
    assert_eq!(absolute, line("\"@target-uri\": https://other.example/"));
    let public = PublicUrl::parse("https://API.example.com:8443").unwrap();
    assert_eq!(
        of("/p?q", &["@target-uri"], Some(&public)),
        line("\"@target-uri\": https://api.example.com:8443/p?q")
    );
    for refused in [
        "@status",
        "@query-param",
        "@nonsense",
        "X-A",
        "x-none",
        "",
        "x a",
    ] {
        assert!(
            matches!(of("/p", &[refused], None), Err(Refusal::Invalid(_))),
            "{refused}"
        );
    }
}

#[test]
fn a_public_url_is_an_origin_and_nothing_more() {
    for wrong in [
        "",
        "api.example.com",
        "ftp://api.example.com",
        "https://api.example.com/v1",
        "https://api.example.com?x",
        "https://me@api.example.com",
    ] {
        assert!(PublicUrl::parse(wrong).is_err(), "{wrong}");
    }
    assert_eq!(
        PublicUrl::parse("https://api.example.com:443/"),
        PublicUrl::parse("https://API.example.com")
    );
    // Behind a proxy that changes Host, what callers have signed still holds.
    let sent = Sent::new().signed(&ALL, &parameters());
    let mut rewritten = sent.clone();
    rewritten.headers[0].1 = b"10.0.0.7:8082".to_vec();
    let public = PublicUrl::parse("https://api.example.com").unwrap();
    assert_eq!(rewritten.judge_at(Some(&public)), Ok(1));
    assert!(rewritten.judge().is_err());
}
