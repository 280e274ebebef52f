//! Public keys as authenticators hand them out (RFC 9052, RFC 9053, RFC 8230).

use ring::signature;

use super::Refused;
use super::cbor::Item;

const ES256: i64 = -7;
const EDDSA: i64 = -8;
const RS256: i64 = -257;

/// The algorithms that are offered, best liked first.
pub(super) const ALGORITHMS: [i64; 3] = [EDDSA, ES256, RS256];

/// A key that signatures are checked with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Key {
    /// The point, uncompressed (SEC 1).
    Es256([u8; 65]),
    Ed25519([u8; 32]),
    Rs256 {
        n: Vec<u8>,
        e: Vec<u8>,
    },
}

impl Key {
    /// Reads a COSE_Key.
    pub(super) fn read(item: &Item) -> Result<Self, Refused> {
        let number = |label| item.int_key(label).and_then(Item::as_int);
        let bytes = |label| item.int_key(label).and_then(Item::as_bytes);
        match (number(1), number(3), number(-1)) {
            // EC2 on P-256.
            (Some(2), Some(ES256), Some(1)) => {
                let (x, y) = (bytes(-2), bytes(-3));
                let (Some(x), Some(y)) = (x, y) else {
                    return Err(Refused::Key);
                };
                if x.len() != 32 || y.len() != 32 {
                    return Err(Refused::Key);
                }
                let mut point = [4; 65];
                point[1..33].copy_from_slice(x);
                point[33..].copy_from_slice(y);
                Ok(Self::Es256(point))
            }
            // OKP on Ed25519.
            (Some(1), Some(EDDSA), Some(6)) => bytes(-2)
                .and_then(|x| x.try_into().ok())
                .map(Self::Ed25519)
                .ok_or(Refused::Key),
            _ => match (number(1), number(3), bytes(-1), bytes(-2)) {
                (Some(3), Some(RS256), Some(n), Some(e)) if (256..=1024).contains(&n.len()) => {
                    Ok(Self::Rs256 {
                        n: n.to_vec(),
                        e: e.to_vec(),
                    })
                }
                _ => Err(Refused::Key),
            },
        }
    }

    pub(super) fn algorithm(&self) -> i64 {
        match self {
            Self::Es256(_) => ES256,
            Self::Ed25519(_) => EDDSA,
            Self::Rs256 { .. } => RS256,
        }
    }

    /// Checks a signature.
    pub(super) fn verify(&self, message: &[u8], signed: &[u8]) -> Result<(), Refused> {
        let verified = match self {
            Self::Es256(point) => {
                signature::UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_ASN1, point)
                    .verify(message, signed)
            }
            Self::Ed25519(key) => {
                signature::UnparsedPublicKey::new(&signature::ED25519, key).verify(message, signed)
            }
            Self::Rs256 { n, e } => signature::RsaPublicKeyComponents { n, e }.verify(
                &signature::RSA_PKCS1_2048_8192_SHA256,
                message,
                signed,
            ),
        };
        verified.map_err(|_| Refused::Signature)
    }
}

#[cfg(test)]
mod tests {
    use super::{Item, Key, Refused};

    fn key(entries: &[(i64, Item)]) -> Item {
        Item::Map(
            entries
                .iter()
                .map(|(label, value)| (Item::Int(*label), value.clone()))
                .collect(),
        )
    }

    #[test]
    fn a_key_of_another_kind_curve_or_length_is_refused() {
        let bytes = |length| Item::Bytes(vec![7; length]);
        let ec = |curve, alg, x| {
            key(&[
                (1, Item::Int(2)),
                (3, Item::Int(alg)),
                (-1, Item::Int(curve)),
                (-2, bytes(x)),
                (-3, bytes(32)),
            ])
        };
        assert!(matches!(Key::read(&ec(1, -7, 32)), Ok(Key::Es256(_))));
        let okp = [
            (1, Item::Int(1)),
            (3, Item::Int(-8)),
            (-1, Item::Int(6)),
            (-2, bytes(32)),
        ];
        assert!(matches!(Key::read(&key(&okp)), Ok(Key::Ed25519(_))));
        let rsa = |n| {
            key(&[
                (1, Item::Int(3)),
                (3, Item::Int(-257)),
                (-1, bytes(n)),
                (-2, bytes(3)),
            ])
        };
        assert!(matches!(Key::read(&rsa(256)), Ok(Key::Rs256 { .. })));
        for refused in [
            ec(2, -7, 32),
            ec(1, -35, 32),
            ec(1, -8, 32),
            ec(1, -7, 31),
            rsa(128),
            Item::Null,
        ] {
            assert_eq!(Key::read(&refused), Err(Refused::Key));
        }
    }

    #[test]
    fn a_point_off_the_curve_verifies_nothing() {
        let key = Key::Es256([4; 65]);
        assert_eq!(key.verify(b"message", &[0x30, 0]), Err(Refused::Signature));
    }
}
