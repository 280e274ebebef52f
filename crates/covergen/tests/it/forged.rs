//! Tokens that are nearly ours, at the real doors.
//!
//! Each is wrong in one way alone and signed as well as whoever made it could:
//! with the platform's own key where only a claim is wrong, with the public
//! key as a secret, with a stranger's.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use ed25519_dalek::pkcs8::DecodePrivateKey as _;
use ed25519_dalek::{Signer as _, SigningKey};
use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::StatusCode;
use serde_json::{Map, Value, json};
use sha2::Sha256;
use tempfile::tempdir;

use crate::api::{Person, client, register};
use crate::floods::MOST_KIB;
use crate::gigabyte::Growth;
use crate::platform::Platform;
use crate::port::Port;

/// Tokens of the flood.
const FLOOD: usize = 3_000;

/// A token in parts.
#[derive(Clone)]
struct Token {
    header: Map<String, Value>,
    claims: Map<String, Value>,
}

impl Token {
    fn of(person: &Person) -> Self {
        let mut parts = person.token.split('.');
        let mut part = || {
            let bytes = B64.decode(parts.next().unwrap()).unwrap();
            serde_json::from_slice(&bytes).unwrap()
        };
        Self {
            header: part(),
            claims: part(),
        }
    }

    fn with_header(&self, name: &str, value: impl Into<Option<Value>>) -> Self {
        let mut token = self.clone();
        set(&mut token.header, name, value.into());
        token
    }

    fn with_claim(&self, name: &str, value: impl Into<Option<Value>>) -> Self {
        let mut token = self.clone();
        set(&mut token.claims, name, value.into());
        token
    }

    fn signed(&self, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
        let encode = |part: &Map<String, Value>| B64.encode(serde_json::to_vec(part).unwrap());
        let text = format!("{}.{}", encode(&self.header), encode(&self.claims));
        let signature = B64.encode(sign(text.as_bytes()));
        format!("{text}.{signature}")
    }

    fn signed_by(&self, key: &SigningKey) -> String {
        self.signed(|text| key.sign(text).to_vec())
    }
}

fn set(part: &mut Map<String, Value>, name: &str, value: Option<Value>) {
    match value {
        Some(value) => part.insert(name.to_owned(), value),
        None => part.remove(name),
    };
}

fn under(secret: &[u8]) -> impl FnOnce(&[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap();
    move |text: &[u8]| {
        mac.update(text);
        mac.finalize().into_bytes().to_vec()
    }
}

/// Tokens that were signed with the platform's own key, each wrong in one claim.
fn wrong_claims(good: &Token, ours: &SigningKey) -> Vec<(String, String)> {
    let number = |name: &str| good.claims[name].as_i64().unwrap();
    let mut forged = Vec::new();
    for name in ["aud", "iss", "exp", "nbf"] {
        let wrong = [None, Some(Value::Null), Some(json!([])), Some(json!({}))];
        for value in wrong {
            let what = value
                .as_ref()
                .map_or("none".to_owned(), ToString::to_string);
            let token = good.with_claim(name, value).signed_by(ours);
            forged.push((format!("{name} {what}"), token));
        }
    }
    for (name, value) in [
        ("aud", json!("covergen-internal")),
        ("aud", json!(["covergen"])),
        ("aud", json!("")),
        ("iss", json!("https://covergen.example")),
        ("iss", json!("COVERGEN")),
        ("iss", json!(["covergen"])),
        // Beyond the leeway of 30 seconds.
        ("exp", json!(number("iat") - 60)),
        ("exp", json!(-1)),
        ("exp", json!(1e300)),
        ("exp", json!("9999999999")),
        ("nbf", json!(number("iat") + 3_600)),
        ("nbf", json!("0")),
        ("sub", json!("usr_nobody")),
        ("sub", Value::Null),
        ("wks", Value::Null),
        ("wks", json!(1)),
        ("roles", json!(["root"])),
        ("roles", json!("admin")),
    ] {
        let token = good.with_claim(name, value.clone()).signed_by(ours);
        forged.push((format!("{name} {value}"), token));
    }
    forged
}

/// Tokens whose header would have another key or none at all.
fn wrong_headers(
    good: &Token,
    ours: &SigningKey,
    stranger: &SigningKey,
    jku: &str,
) -> Vec<(String, String)> {
    let mut forged = Vec::new();
    let mut forge = |what: &str, token: String| forged.push((what.to_owned(), token));
    let public = ours.verifying_key();
    for alg in ["none", "None", "NONE", ""] {
        let none = good.with_header("alg", json!(alg));
        forge(
            &format!("alg {alg:?}, no signature"),
            none.signed(|_| vec![]),
        );
        forge(&format!("alg {alg:?}, signed"), none.signed_by(ours));
    }
    // The public key as the secret of a MAC, in each form it is told in.
    let x = B64.encode(public.as_bytes());
    let der = [
        b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00".as_slice(),
        public.as_bytes().as_slice(),
    ];
    let der = der.concat();
    let base64 = base64::engine::general_purpose::STANDARD.encode(&der);
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{base64}\n-----END PUBLIC KEY-----\n");
    let secrets: [&[u8]; 5] = [public.as_bytes(), x.as_bytes(), &der, pem.as_bytes(), b""];
    for secret in secrets {
        let token = good.with_header("alg", json!("HS256"));
        forge("HS256 with the public key", token.signed(under(secret)));
    }
    for alg in ["ES256", "RS256", "Ed25519", "EdDSA "] {
        let token = good.with_header("alg", json!(alg));
        forge(&format!("alg {alg}"), token.signed_by(ours));
    }
    for kid in [
        json!("../../keys/access/0001.pem"),
        json!("/dev/null"),
        json!("%2e%2e%2f0001"),
        json!("0001\u{0}"),
        json!("' OR '1'='1"),
        json!(""),
        json!(7),
        Value::Null,
    ] {
        let token = good.with_header("kid", kid.clone());
        forge(&format!("kid {kid}, our key"), token.signed_by(ours));
        forge(&format!("kid {kid}, no secret"), {
            let mac = token.with_header("alg", json!("HS256"));
            mac.signed(under(b""))
        });
    }
    let own = B64.encode(stranger.verifying_key().as_bytes());
    let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": own, "kid": "theirs", "alg": "EdDSA"});
    for (name, value) in [("jku", json!(jku)), ("x5u", json!(jku)), ("jwk", jwk)] {
        for kid in [good.header["kid"].clone(), json!("theirs")] {
            let token = good
                .with_header(name, value.clone())
                .with_header("kid", kid);
            forge(name, token.signed_by(stranger));
        }
    }
    forge("crit", {
        let token = good.with_header("crit", json!(["b64"]));
        token.with_header("b64", json!(false)).signed_by(stranger)
    });
    for typ in [json!("JWT"), json!("internal+jwt"), Value::Null] {
        let token = good.with_header("typ", typ.clone());
        forge(&format!("typ {typ}"), token.signed_by(ours));
    }
    forged
}

/// Somewhere keys could be fetched from, and how often somebody came.
fn keys_elsewhere() -> (std::net::TcpListener, String) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("http://{}/jwks.json", listener.local_addr().unwrap());
    (listener, url)
}

async fn status(platform: &Platform, token: &str) -> StatusCode {
    let request = client().get(format!("{}/api/v1/users/me", platform.web));
    let answer = request.bearer_auth(token).send().await;
    answer.expect("the platform answers").status()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_is_wrong_in_one_way_alone_opens_no_door() {
    let folder = tempdir().unwrap();
    let platform = Platform::start(&folder).await;
    let ada = register(&platform, "ada").await;
    let keys = folder.path().join("keys");
    let pem = |kind: &str| std::fs::read_to_string(keys.join(kind).join("0001.pem")).unwrap();
    let ours = SigningKey::from_pkcs8_pem(&pem("access")).unwrap();
    let internal = SigningKey::from_pkcs8_pem(&pem("internal")).unwrap();
    let stranger = SigningKey::from_bytes(&[7; 32]);
    let (elsewhere, jku) = keys_elsewhere();
    let port = Port::connect(&platform.grpc).await;
    let by_grpc = async |token: &str| {
        let path = "/covergen.user.v1.UserService/ListWorkspaces";
        let answer = port.ask(path, Some(token), bytes::Bytes::new()).await;
        answer.err().map(|status| status.code())
    };

    let good = Token::of(&ada);
    // What is changed is what is judged: unchanged it is let in.
    let again = good.signed_by(&ours);
    assert_eq!(status(&platform, &again).await, StatusCode::OK);
    assert_eq!(by_grpc(&again).await, None);

    let mut forged = wrong_claims(&good, &ours);
    forged.extend(wrong_headers(&good, &ours, &stranger, &jku));
    forged.push(("a stranger's key".to_owned(), good.signed_by(&stranger)));
    forged.push(("the services' key".to_owned(), good.signed_by(&internal)));
    let posing = good.with_claim("act", json!("cover"));
    let posing = posing.with_claim("aud", json!("covergen-internal"));
    let posing = posing.with_header("typ", json!("internal+jwt"));
    forged.push((
        "a service by the people's key".to_owned(),
        posing.signed_by(&ours),
    ));
    for (what, token) in &forged {
        assert_eq!(
            status(&platform, token).await,
            StatusCode::UNAUTHORIZED,
            "{what}"
        );
        assert_eq!(
            by_grpc(token).await,
            Some(tonic::Code::Unauthenticated),
            "{what}"
        );
    }

    // Keys that nobody knows: each is one look into a map.
    let growth = Growth::of(&platform);
    for at in 0..FLOOD {
        let token = good.with_header("kid", json!(format!("{at:016x}")));
        let token = token.with_header("jku", json!(jku)).signed_by(&stranger);
        assert_eq!(by_grpc(&token).await, Some(tonic::Code::Unauthenticated));
    }
    growth.assert_at_most("unknown keys", MOST_KIB);
    assert_eq!(status(&platform, &again).await, StatusCode::OK);
    let came = elsewhere.accept().map(|_| ()).unwrap_err();
    assert_eq!(
        came.kind(),
        std::io::ErrorKind::WouldBlock,
        "a key was fetched"
    );
}
