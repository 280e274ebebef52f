//! Bytes as base64.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use bytes::Bytes;
use serde::de::{Error, Visitor};
use serde::{Deserializer, Serializer};

use super::Format;

/// Written padded; read with or without.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Bytes in standard base64; the URL-safe alphabet is read as well.
#[derive(Debug)]
pub struct Binary;

impl Format<Bytes> for Binary {
    fn write<S: Serializer>(value: &Bytes, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&BASE64.encode(value))
    }

    fn read<'de, D: Deserializer<'de>>(from: D) -> Result<Bytes, D::Error> {
        from.deserialize_str(ReadBinary)
    }
}

struct ReadBinary;

impl Visitor<'_> for ReadBinary {
    type Value = Bytes;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a base64 string")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Bytes, E> {
        let decoded = if text.contains(['-', '_']) {
            BASE64.decode(text.replace('-', "+").replace('_', "/"))
        } else {
            BASE64.decode(text)
        };
        decoded
            .map(Bytes::from)
            .map_err(|error| E::custom(format_args!("not base64: {error}")))
    }
}
