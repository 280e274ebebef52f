//! A message of any type.

use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Any;

/// What JSON of an `Any` would need: every message of the program by its name.
const NO_JSON: &str = "google.protobuf.Any has no JSON form here";

impl Any {
    /// Packs a message under the usual `type.googleapis.com/` URL.
    pub fn pack<M: prost::Message + prost::Name>(message: &M) -> Self {
        Self {
            type_url: M::type_url(),
            value: message.encode_to_vec().into(),
        }
    }

    /// The message inside, if it is an `M`.
    ///
    /// # Errors
    /// When the bytes are no such message. Another type is `Ok(None)`.
    pub fn unpack<M: prost::Message + prost::Name + Default>(
        &self,
    ) -> Result<Option<M>, prost::DecodeError> {
        let name = self.type_url.rsplit('/').next().unwrap_or_default();
        if name != M::full_name() {
            return Ok(None);
        }
        M::decode(self.value.clone()).map(Some)
    }
}

/// Always an error. The build refuses contracts that would show an `Any` to
/// REST callers, so this is met by internal messages only.
impl Serialize for Any {
    fn serialize<S: Serializer>(&self, _to: S) -> Result<S::Ok, S::Error> {
        Err(S::Error::custom(NO_JSON))
    }
}

/// Always an error, as writing is.
impl<'de> Deserialize<'de> for Any {
    fn deserialize<D: Deserializer<'de>>(_from: D) -> Result<Self, D::Error> {
        Err(D::Error::custom(NO_JSON))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wkt::{Duration, Timestamp};

    #[test]
    fn a_packed_message_comes_out_as_its_own_type_only() {
        let span = Duration {
            seconds: 3,
            nanos: 4,
        };
        let any = Any::pack(&span);
        assert_eq!(any.unpack::<Duration>().unwrap(), Some(span));
        assert_eq!(any.unpack::<Timestamp>().unwrap(), None);
    }

    #[test]
    fn there_is_no_json() {
        assert!(serde_json::to_string(&Any::default()).is_err());
        assert!(serde_json::from_str::<Any>("{}").is_err());
    }
}
