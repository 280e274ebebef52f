//! JSON inside messages.

use std::fmt;

use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Kind, ListValue, NullValue, Struct, Value};

impl From<Kind> for Value {
    fn from(kind: Kind) -> Self {
        Self { kind: Some(kind) }
    }
}

impl Serialize for Struct {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(&self.fields)
    }
}

impl Serialize for ListValue {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(&self.values)
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match &self.kind {
            None | Some(Kind::NullValue(_)) => to.serialize_unit(),
            Some(Kind::BoolValue(flag)) => to.serialize_bool(*flag),
            Some(Kind::NumberValue(number)) if number.is_finite() => to.serialize_f64(*number),
            // "NaN" would come back as a string.
            Some(Kind::NumberValue(_)) => Err(serde::ser::Error::custom(
                "a Value holds a number that JSON has not",
            )),
            Some(Kind::StringValue(text)) => to.serialize_str(text),
            Some(Kind::StructValue(fields)) => fields.serialize(to),
            Some(Kind::ListValue(list)) => list.serialize(to),
        }
    }
}

impl<'de> Deserialize<'de> for Struct {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match Value::deserialize(from)?.kind {
            Some(Kind::StructValue(fields)) => Ok(fields),
            _ => Err(D::Error::custom("expected an object")),
        }
    }
}

impl<'de> Deserialize<'de> for ListValue {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match Value::deserialize(from)?.kind {
            Some(Kind::ListValue(list)) => Ok(list),
            _ => Err(D::Error::custom("expected an array")),
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(ReadValue)
    }
}

struct ReadValue;

impl<'de> Visitor<'de> for ReadValue {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Kind::NullValue(NullValue::NullValue as i32).into())
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(Kind::BoolValue(flag).into())
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Kind::NumberValue(number as f64).into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(Kind::NumberValue(number as f64).into())
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Kind::NumberValue(number).into())
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Kind::StringValue(text.to_owned()).into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element()? {
            values.push(value);
        }
        Ok(Kind::ListValue(ListValue { values }).into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut object = Struct::default();
        while let Some(name) = map.next_key::<String>()? {
            if object.fields.contains_key(&name) {
                return Err(A::Error::custom("an object has a name twice"));
            }
            object.fields.insert(name, map.next_value()?);
        }
        Ok(Kind::StructValue(object).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_json_survives_the_way_through() {
        let text = r#"{"a":null,"b":[true,1.5,"x",{"c":{}}]}"#;
        let value: Value = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&value).unwrap(), text);
    }

    #[test]
    fn a_struct_is_an_object_and_a_list_an_array() {
        assert!(serde_json::from_str::<Struct>("[]").is_err());
        assert!(serde_json::from_str::<ListValue>("{}").is_err());
        assert!(serde_json::from_str::<Struct>(r#"{"a":1,"a":2}"#).is_err());
        assert_eq!(
            serde_json::from_str::<ListValue>("[1]")
                .unwrap()
                .values
                .len(),
            1
        );
    }

    #[test]
    fn a_number_that_json_has_not_is_refused() {
        let value = Value::from(Kind::NumberValue(f64::NAN));
        assert!(serde_json::to_string(&value).is_err());
    }
}
