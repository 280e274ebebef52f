//! An authenticator in software: makes passkeys and signs with them, as
//! WebAuthn level 3 and CTAP 2.1 say, by nothing of the service's own code.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use covergen_proto::wkt::Struct;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, json};

pub(crate) const ORIGIN: &str = "http://localhost:8080";

enum Key {
    Es256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

/// A passkey and what its authenticator can be made to do wrong.
pub(crate) struct Authenticator {
    key: Key,
    pub(crate) credential_id: Vec<u8>,
    pub(crate) user_handle: Vec<u8>,
    pub(crate) sign_count: u32,
    /// Flags of the authenticator data: user present, user verified.
    pub(crate) flags: u8,
    pub(crate) origin: String,
    pub(crate) rp_id: String,
}

const PRESENT_AND_VERIFIED: u8 = 0b101;

impl Authenticator {
    fn with(key: Key) -> Self {
        Self {
            key,
            credential_id: rand::random::<[u8; 32]>().to_vec(),
            user_handle: Vec::new(),
            sign_count: 0,
            flags: PRESENT_AND_VERIFIED,
            origin: ORIGIN.to_owned(),
            rp_id: "localhost".to_owned(),
        }
    }

    pub(crate) fn es256() -> Self {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).unwrap();
        Self::with(Key::Es256(pair))
    }

    pub(crate) fn ed25519() -> Self {
        let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        Self::with(Key::Ed25519(
            Ed25519KeyPair::from_pkcs8(document.as_ref()).unwrap(),
        ))
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        match &self.key {
            Key::Es256(pair) => {
                let signature = pair.sign(&SystemRandom::new(), message).unwrap();
                signature.as_ref().to_vec()
            }
            Key::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
        }
    }

    /// COSE_Key in CTAP2's canonical CBOR.
    fn cose(&self) -> Vec<u8> {
        match &self.key {
            Key::Es256(pair) => {
                let point = pair.public_key().as_ref();
                let mut key = vec![0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21];
                key.extend(bytes(&point[1..33]));
                key.push(0x22);
                key.extend(bytes(&point[33..]));
                key
            }
            Key::Ed25519(pair) => {
                let mut key = vec![0xa4, 0x01, 0x01, 0x03, 0x27, 0x20, 0x06, 0x21];
                key.extend(bytes(pair.public_key().as_ref()));
                key
            }
        }
    }

    fn data(&self, attested: Option<&[u8]>) -> Vec<u8> {
        let mut data = sha256(self.rp_id.as_bytes());
        data.push(self.flags | if attested.is_some() { 0x40 } else { 0 });
        data.extend(self.sign_count.to_be_bytes());
        data.extend(attested.unwrap_or_default());
        data
    }

    fn client_data(&self, ceremony: &str, challenge: &Value) -> Vec<u8> {
        let data = json!({
            "type": ceremony, "challenge": challenge, "origin": self.origin, "crossOrigin": false,
        });
        data.to_string().into_bytes()
    }

    /// Answers creation options.
    pub(crate) fn create(&mut self, options: &Value) -> Value {
        let handle = options["user"]["id"].as_str().unwrap();
        self.user_handle = URL_SAFE_NO_PAD.decode(handle).unwrap();
        let client_data = self.client_data("webauthn.create", &options["challenge"]);
        let mut attested = vec![0; 16];
        attested.extend(
            u16::try_from(self.credential_id.len())
                .unwrap()
                .to_be_bytes(),
        );
        attested.extend(&self.credential_id);
        attested.extend(self.cose());
        let data = self.data(Some(&attested));
        let mut object = vec![0xa3, 0x63];
        object.extend(b"fmt");
        object.push(0x64);
        object.extend(b"none");
        object.push(0x67);
        object.extend(b"attStmt");
        object.extend([0xa0, 0x68]);
        object.extend(b"authData");
        object.extend(bytes(&data));
        json!({
            "id": encode(&self.credential_id),
            "rawId": encode(&self.credential_id),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": { "credProps": { "rk": true } },
            "response": {
                "clientDataJSON": encode(&client_data),
                "attestationObject": encode(&object),
                "transports": ["internal", "hybrid", "made-up"],
            },
        })
    }

    /// Answers request options.
    pub(crate) fn get(&mut self, options: &Value) -> Value {
        let client_data = self.client_data("webauthn.get", &options["challenge"]);
        let data = self.data(None);
        let signed = [data.clone(), sha256(&client_data)].concat();
        json!({
            "id": encode(&self.credential_id),
            "rawId": encode(&self.credential_id),
            "type": "public-key",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": encode(&client_data),
                "authenticatorData": encode(&data),
                "signature": encode(&self.sign(&signed)),
                "userHandle": encode(&self.user_handle),
            },
        })
    }
}

/// A byte string of CBOR.
fn bytes(content: &[u8]) -> Vec<u8> {
    let mut item = match u8::try_from(content.len()) {
        Ok(length) => vec![0x58, length],
        Err(_) => {
            let length = u16::try_from(content.len()).unwrap();
            [&[0x59], &length.to_be_bytes()[..]].concat()
        }
    };
    item.extend(content);
    item
}

fn sha256(content: &[u8]) -> Vec<u8> {
    let digest = ring::digest::digest(&ring::digest::SHA256, content);
    digest.as_ref().to_vec()
}

pub(crate) fn encode(content: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(content)
}

/// JSON as the contract carries it.
pub(crate) fn to_struct(json: &Value) -> Option<Struct> {
    Some(serde_json::from_value(json.clone()).unwrap())
}

/// What the contract carries as JSON.
pub(crate) fn to_json(carried: Option<Struct>) -> Value {
    serde_json::to_value(carried.unwrap()).unwrap()
}
