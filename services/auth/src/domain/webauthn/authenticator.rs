use sha2::{Digest as _, Sha256};

use super::cbor::Item;
use super::cose::Key;
use super::{Refused, RelyingParty};

const USER_PRESENT: u8 = 1;
const USER_VERIFIED: u8 = 1 << 2;
const BACKUP_ELIGIBLE: u8 = 1 << 3;
const BACKED_UP: u8 = 1 << 4;
const HAS_CREDENTIAL: u8 = 1 << 6;
const HAS_EXTENSIONS: u8 = 1 << 7;
/// Longest credential id (7.1, step 25).
const MAX_ID_BYTES: usize = 1023;

/// Authenticator data (6.1).
#[derive(Debug)]
pub(super) struct AuthenticatorData {
    pub(super) sign_count: u32,
    pub(super) backup_eligible: bool,
    pub(super) backed_up: bool,
    pub(super) credential: Option<AttestedCredential>,
}

/// A new credential inside it (6.5.1).
#[derive(Debug)]
pub(super) struct AttestedCredential {
    pub(super) id: Vec<u8>,
    /// The COSE_Key as it was handed out.
    pub(super) cose: Vec<u8>,
    pub(super) key: Key,
}

impl AuthenticatorData {
    /// Reads authenticator data and checks what every ceremony asks for: our
    /// site, a user who is there and was verified.
    pub(super) fn check(bytes: &[u8], party: &RelyingParty) -> Result<Self, Refused> {
        let malformed = Refused::AuthenticatorData;
        let (head, mut rest) = bytes.split_at_checked(37).ok_or(malformed)?;
        if head[..32] != Sha256::digest(party.id.as_bytes())[..] {
            return Err(Refused::RpId);
        }
        let flags = head[32];
        if flags & USER_PRESENT == 0 || flags & USER_VERIFIED == 0 {
            return Err(Refused::UserVerification);
        }
        let (backup_eligible, backed_up) = (flags & BACKUP_ELIGIBLE != 0, flags & BACKED_UP != 0);
        if backed_up && !backup_eligible {
            return Err(malformed);
        }
        let credential = if flags & HAS_CREDENTIAL == 0 {
            None
        } else {
            let (credential, after) = AttestedCredential::read(rest)?;
            rest = after;
            Some(credential)
        };
        if flags & HAS_EXTENSIONS != 0 {
            let (extensions, read) = Item::read(rest).map_err(|_| malformed)?;
            if !matches!(extensions, Item::Map(_)) {
                return Err(malformed);
            }
            rest = &rest[read..];
        }
        if !rest.is_empty() {
            return Err(malformed);
        }
        Ok(Self {
            sign_count: u32::from_be_bytes([head[33], head[34], head[35], head[36]]),
            backup_eligible,
            backed_up,
            credential,
        })
    }
}

impl AttestedCredential {
    fn read(bytes: &[u8]) -> Result<(Self, &[u8]), Refused> {
        let malformed = Refused::AuthenticatorData;
        let (head, rest) = bytes.split_at_checked(18).ok_or(malformed)?;
        let length = usize::from(u16::from_be_bytes([head[16], head[17]]));
        if length == 0 || length > MAX_ID_BYTES {
            return Err(malformed);
        }
        let (id, rest) = rest.split_at_checked(length).ok_or(malformed)?;
        let (item, read) = Item::read(rest).map_err(|_| malformed)?;
        let (cose, rest) = rest.split_at(read);
        let credential = Self {
            id: id.to_vec(),
            cose: cose.to_vec(),
            key: Key::read(&item)?,
        };
        Ok((credential, rest))
    }
}
