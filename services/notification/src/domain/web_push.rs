//! Messages that only the device can read: Message Encryption for Web Push
//! (RFC 8291) over Encrypted Content-Encoding (RFC 8188).

use base64::Engine as _;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::agreement::{ECDH_P256, EphemeralPrivateKey, UnparsedPublicKey, agree_ephemeral};
use ring::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};
use ring::rand::{SecureRandom as _, SystemRandom};

/// An uncompressed point on P-256.
const POINT_BYTES: usize = 65;
const AUTH_BYTES: usize = 16;
const SALT_BYTES: usize = 16;
/// Size of the one record; what push services must take at least.
const RECORD_BYTES: u32 = 4096;
/// Longest text: the message as a whole has at most 4096 bytes, 86 of them
/// the header, 16 the tag and one the mark of the last record.
pub(crate) const MAX_TEXT_BYTES: usize = 4096 - 86 - 16 - 1;

const NO_RANDOMNESS: &str = "the system has no randomness to give";
const BAD_POINT: &str = "is not a point on P-256, 65 bytes in base64url";

/// Keys of a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DeviceKeys {
    pub(crate) p256dh: Vec<u8>,
    pub(crate) auth: Vec<u8>,
}

impl DeviceKeys {
    /// Reads and checks keys as browsers give them; the name of the field that
    /// is wrong, and how, otherwise.
    pub(crate) fn parse(p256dh: &str, auth: &str) -> Result<Self, (&'static str, &'static str)> {
        let point = decode(p256dh).filter(|bytes| bytes.len() == POINT_BYTES);
        let point = point.ok_or(("keys.p256dh", BAD_POINT))?;
        // Whether it lies on the curve shows when something is agreed with it.
        let is_on_curve = EphemeralPrivateKey::generate(&ECDH_P256, &SystemRandom::new())
            .and_then(|key| agree(key, &point))
            .is_ok();
        if !is_on_curve {
            return Err(("keys.p256dh", BAD_POINT));
        }
        let auth = decode(auth).filter(|bytes| bytes.len() == AUTH_BYTES);
        Ok(Self {
            p256dh: point,
            auth: auth.ok_or(("keys.auth", "is not 16 bytes in base64url"))?,
        })
    }
}

fn decode(text: &str) -> Option<Vec<u8>> {
    let bare = URL_SAFE_NO_PAD.decode(text);
    bare.or_else(|_| URL_SAFE.decode(text)).ok()
}

fn agree(key: EphemeralPrivateKey, point: &[u8]) -> Result<Vec<u8>, ring::error::Unspecified> {
    agree_ephemeral(
        key,
        &UnparsedPublicKey::new(&ECDH_P256, point),
        <[u8]>::to_vec,
    )
}

/// Encrypts a text for a device, with a key and a salt of its own.
pub(crate) fn encrypt(text: &[u8], device: &DeviceKeys) -> Result<Vec<u8>, &'static str> {
    if text.len() > MAX_TEXT_BYTES {
        return Err("the message is too long for Web Push");
    }
    let random = SystemRandom::new();
    let key = EphemeralPrivateKey::generate(&ECDH_P256, &random).map_err(|_| NO_RANDOMNESS)?;
    let ours = key.compute_public_key().map_err(|_| NO_RANDOMNESS)?;
    let mut salt = [0; SALT_BYTES];
    random.fill(&mut salt).map_err(|_| NO_RANDOMNESS)?;
    let shared = agree(key, &device.p256dh).map_err(|_| BAD_POINT)?;
    seal(text, device, ours.as_ref(), &shared, salt).map_err(|_| "the message cannot be sealed")
}

/// A length that HKDF expands to.
struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

fn expand<const N: usize>(key: &Prk, info: &[&[u8]]) -> Result<[u8; N], ring::error::Unspecified> {
    let mut out = [0; N];
    key.expand(info, Length(N))?.fill(&mut out)?;
    Ok(out)
}

/// RFC 8291, section 3.4, and RFC 8188, section 2.
fn seal(
    text: &[u8],
    device: &DeviceKeys,
    ours: &[u8],
    shared: &[u8],
    salt: [u8; SALT_BYTES],
) -> Result<Vec<u8>, ring::error::Unspecified> {
    let combined = Salt::new(HKDF_SHA256, &device.auth).extract(shared);
    let material: [u8; 32] = expand(&combined, &[b"WebPush: info\0", &device.p256dh, ours])?;
    let content = Salt::new(HKDF_SHA256, &salt).extract(&material);
    let key: [u8; 16] = expand(&content, &[b"Content-Encoding: aes128gcm\0"])?;
    let nonce: [u8; 12] = expand(&content, &[b"Content-Encoding: nonce\0"])?;

    let mut record = text.to_vec();
    // The mark of the last record; no padding.
    record.push(2);
    let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key)?);
    key.seal_in_place_append_tag(
        Nonce::assume_unique_for_key(nonce),
        Aad::empty(),
        &mut record,
    )?;
    let mut message = Vec::with_capacity(SALT_BYTES + 5 + ours.len() + record.len());
    message.extend_from_slice(&salt);
    message.extend_from_slice(&RECORD_BYTES.to_be_bytes());
    message.push(u8::try_from(ours.len()).map_err(|_| ring::error::Unspecified)?);
    message.extend_from_slice(ours);
    message.append(&mut record);
    Ok(message)
}

#[cfg(test)]
mod tests {
    use super::{DeviceKeys, MAX_TEXT_BYTES, decode, encrypt, seal};

    const P256DH: &str =
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
    const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";

    /// The example of RFC 8291, section 5 and appendix A.
    #[test]
    fn a_message_is_what_the_standard_shows() {
        let device = DeviceKeys::parse(P256DH, AUTH).unwrap();
        let ours = decode(
            "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8",
        );
        let shared = decode("kyrL1jIIOHEzg3sM2ZWRHDRB62YACZhhSlknJ672kSs").unwrap();
        let salt = decode("DGv6ra1nlYgDCS1FRnbzlw")
            .unwrap()
            .try_into()
            .unwrap();
        let text = b"When I grow up, I want to be a watermelon";
        let message = seal(text, &device, &ours.unwrap(), &shared, salt).unwrap();
        let shown = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27ml\
                     mlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT\
                     pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";
        assert_eq!(message, decode(shown).unwrap());
    }

    #[test]
    fn a_message_fits_what_push_services_take() {
        let device = DeviceKeys::parse(P256DH, AUTH).unwrap();
        let longest = encrypt(&vec![b'a'; MAX_TEXT_BYTES], &device).unwrap();
        assert_eq!(longest.len(), 4096);
        assert!(encrypt(&vec![b'a'; MAX_TEXT_BYTES + 1], &device).is_err());
        let same = encrypt(b"a", &device).unwrap();
        assert_ne!(same, encrypt(b"a", &device).unwrap());
    }

    #[test]
    fn keys_that_are_none_are_refused_by_field() {
        let field = |p256dh: &str, auth: &str| DeviceKeys::parse(p256dh, auth).unwrap_err().0;
        let off_the_curve = P256DH.replace("iw4", "iw8");
        for point in ["", "AAAA", "not base64url!", &off_the_curve, AUTH] {
            assert_eq!(field(point, AUTH), "keys.p256dh", "{point}");
        }
        for auth in ["", "AAAA", P256DH] {
            assert_eq!(field(P256DH, auth), "keys.auth", "{auth}");
        }
        let padded = format!("{AUTH}==");
        assert!(DeviceKeys::parse(P256DH, &padded).is_ok());
    }
}
