//! Held against another implementation: messages made at random mean the same
//! in JSON, both ways, to this crate and to prost-reflect.

use proptest::prelude::*;
use prost::Message;
use prost_reflect::{
    DescriptorPool, DynamicMessage, FieldDescriptor, Kind, MapKey, MessageDescriptor,
    ReflectMessage, Value,
};

use crate::generated::DESCRIPTORS;
use crate::scratch::Plain;

/// A stream of numbers from a seed (SplitMix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// Small numbers and the ends of the range as often as others.
    fn number(&mut self) -> u64 {
        match self.below(4) {
            0 => self.below(10),
            1 => u64::MAX - self.below(3),
            2 => 1 << self.below(64),
            _ => self.next(),
        }
    }

    fn text(&mut self) -> String {
        const LETTERS: [&str; 8] = ["a", "Z", "é", "\"", "\\", "\n", "日", "😀"];
        (0..self.below(5))
            .map(|_| LETTERS[self.next() as usize % LETTERS.len()])
            .collect()
    }

    fn message(&mut self, descriptor: &MessageDescriptor, depth: u32) -> DynamicMessage {
        let mut message = DynamicMessage::new(descriptor.clone());
        if self.well_known(&mut message, depth) {
            return message;
        }
        for field in descriptor.fields() {
            if self.below(3) == 0 {
                let value = self.field(&field, depth);
                message.set_field(&field, value);
            }
        }
        message
    }

    /// Fills the messages whose values are not free.
    fn well_known(&mut self, message: &mut DynamicMessage, depth: u32) -> bool {
        let name = message.descriptor().full_name().to_owned();
        match name.as_str() {
            "google.protobuf.Timestamp" => {
                let seconds = (self.number() % 300_000_000_000) as i64 - 60_000_000_000;
                message.set_field_by_name("seconds", Value::I64(seconds));
                message.set_field_by_name("nanos", Value::I32(self.nanos()));
            }
            "google.protobuf.Duration" => {
                let sign = if self.below(2) == 0 { 1 } else { -1 };
                let seconds = (self.number() % 315_576_000_000) as i64;
                let nanos = self.nanos();
                message.set_field_by_name("seconds", Value::I64(seconds * sign));
                message.set_field_by_name("nanos", Value::I32(nanos * sign as i32));
            }
            "google.protobuf.FieldMask" => {
                let paths = (0..self.below(3))
                    .map(|index| Value::String(format!("a_b.c{index}")))
                    .collect();
                message.set_field_by_name("paths", Value::List(paths));
            }
            // prost-reflect writes a wrapped NaN as null.
            "google.protobuf.DoubleValue" => {
                let number = f64::from(self.next() as i32) / 64.0;
                message.set_field_by_name("value", Value::F64(number));
            }
            "google.protobuf.Value" => {
                let kinds = [
                    "null_value",
                    "number_value",
                    "string_value",
                    "bool_value",
                    "struct_value",
                    "list_value",
                ];
                let limit = if depth == 0 { 4 } else { 6 };
                let field = message
                    .descriptor()
                    .get_field_by_name(kinds[self.below(limit) as usize])
                    .unwrap();
                let value = match field.name() {
                    "number_value" => Value::F64(self.next() as i32 as f64 / 8.0),
                    "null_value" => Value::EnumNumber(0),
                    _ => self.field(&field, depth),
                };
                message.set_field(&field, value);
            }
            _ => return false,
        }
        true
    }

    fn nanos(&mut self) -> i32 {
        let unit = [1, 1_000, 1_000_000][self.below(3) as usize];
        (self.below(1_000_000_000) / unit * unit) as i32
    }

    fn field(&mut self, field: &FieldDescriptor, depth: u32) -> Value {
        if field.is_map() {
            let Kind::Message(entry) = field.kind() else {
                unreachable!("maps are messages")
            };
            let entries = (0..self.below(3)).map(|_| {
                (
                    self.key(&entry.map_entry_key_field().kind()),
                    self.single(&entry.map_entry_value_field().kind(), depth),
                )
            });
            return Value::Map(entries.collect());
        }
        if field.is_list() {
            return Value::List(
                (0..self.below(4))
                    .map(|_| self.single(&field.kind(), depth))
                    .collect(),
            );
        }
        self.single(&field.kind(), depth)
    }

    fn key(&mut self, kind: &Kind) -> MapKey {
        match kind {
            Kind::Bool => MapKey::Bool(self.below(2) == 0),
            Kind::Int64 => MapKey::I64(self.number() as i64),
            Kind::Uint32 => MapKey::U32(self.number() as u32),
            _ => MapKey::String(self.text()),
        }
    }

    fn single(&mut self, kind: &Kind, depth: u32) -> Value {
        match kind {
            Kind::Double => Value::F64(self.float()),
            Kind::Float => Value::F32(self.float() as f32),
            Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => Value::I32(self.number() as i32),
            Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => Value::I64(self.number() as i64),
            Kind::Uint32 | Kind::Fixed32 => Value::U32(self.number() as u32),
            Kind::Uint64 | Kind::Fixed64 => Value::U64(self.number()),
            Kind::Bool => Value::Bool(self.below(2) == 0),
            Kind::String => Value::String(self.text()),
            Kind::Bytes => Value::Bytes(self.text().into_bytes().into()),
            Kind::Enum(_) => Value::EnumNumber([0, 1, 2, -3, 77][self.below(5) as usize]),
            Kind::Message(descriptor) if depth == 0 => {
                DynamicMessage::new(descriptor.clone()).into_value(self)
            }
            Kind::Message(descriptor) => Value::Message(self.message(descriptor, depth - 1)),
        }
    }

    fn float(&mut self) -> f64 {
        match self.below(6) {
            0 => f64::NAN,
            1 => f64::INFINITY,
            2 => f64::NEG_INFINITY,
            3 => -0.0,
            _ => f64::from(self.next() as i32) / 1024.0,
        }
    }
}

/// An empty message, filled only where empty is not a value.
trait IntoValue {
    fn into_value(self, random: &mut Random) -> Value;
}

impl IntoValue for DynamicMessage {
    fn into_value(mut self, random: &mut Random) -> Value {
        random.well_known(&mut self, 0);
        Value::Message(self)
    }
}

fn descriptor() -> MessageDescriptor {
    let pool = DescriptorPool::decode(DESCRIPTORS).unwrap();
    pool.get_message_by_name("covergen.scratch.v1.Plain")
        .unwrap()
}

/// Equal bytes are equal messages, NaN included.
fn typed(message: &DynamicMessage) -> Plain {
    Plain::decode(message.encode_to_vec().as_slice()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 256,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn what_this_crate_writes_means_the_same_to_another(seed: u64) {
        let descriptor = descriptor();
        let message = typed(&Random(seed).message(&descriptor, 3));
        let text = serde_json::to_string(&message).unwrap();
        let mut reader = serde_json::Deserializer::from_str(&text);
        let read = DynamicMessage::deserialize(descriptor, &mut reader).unwrap();
        prop_assert!(typed(&read).encode_to_vec() == message.encode_to_vec(), "{text}");
    }

    #[test]
    fn what_another_writes_means_the_same_to_this_crate(seed: u64, skip: bool) {
        let dynamic = Random(seed).message(&descriptor(), 3);
        let options = prost_reflect::SerializeOptions::new().skip_default_fields(skip);
        let mut writer = serde_json::Serializer::new(Vec::new());
        dynamic.serialize_with_options(&mut writer, &options).unwrap();
        let text = String::from_utf8(writer.into_inner()).unwrap();
        let read: Plain = serde_json::from_str(&text).unwrap();
        prop_assert!(read.encode_to_vec() == typed(&dynamic).encode_to_vec(), "{text}");
    }

    #[test]
    fn text_that_is_no_message_is_refused_without_a_panic(text in ".{0,64}") {
        let _ = serde_json::from_str::<Plain>(&text);
        let _ = serde_json::from_str::<Plain>(&format!("{{\"anInt32\":{text}}}"));
        let _ = serde_json::from_value::<Plain>(serde_json::json!({"moment": text}));
        let _ = serde_json::from_value::<Plain>(serde_json::json!({"span": text}));
        let _ = serde_json::from_value::<Plain>(serde_json::json!({"someBytes": text}));
    }
}

/// Fixes the strategy's reach: random messages set every field in time.
#[test]
fn random_messages_use_every_field() {
    let descriptor = descriptor();
    let mut seen = std::collections::BTreeSet::new();
    for seed in 0..64 {
        let message = Random(seed).message(&descriptor, 2);
        seen.extend(message.fields().map(|(field, _)| field.name().to_owned()));
    }
    assert_eq!(seen.len(), descriptor.fields().len());
}
