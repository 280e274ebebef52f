//! Nothing, as `{}`.

use serde::de::MapAccess;
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Empty;
use crate::json::{Field, Object, read_object, write_object};

impl Object for Empty {
    const NAME: &'static str = "google.protobuf.Empty";
    const FIELDS: &'static [Field] = &[];

    fn write<W: SerializeMap>(&self, _map: &mut W) -> Result<(), W::Error> {
        Ok(())
    }

    fn read<'de, R: MapAccess<'de>>(
        &mut self,
        _field: usize,
        _map: &mut R,
    ) -> Result<(), R::Error> {
        Ok(())
    }
}

impl Serialize for Empty {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        write_object(self, to)
    }
}

impl<'de> Deserialize<'de> for Empty {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        read_object(from)
    }
}
