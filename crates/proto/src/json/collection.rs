//! Lists as arrays, maps as objects.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Deserializer, Serializer};

use super::Format;
use super::format::{Read, Written};
use super::object::clip;

/// Items reserved before any is read, whatever the input promises.
const MAX_RESERVED_ITEMS: usize = 256;

/// A list of values in format `F`.
#[derive(Debug)]
pub struct List<F>(PhantomData<F>);

impl<F: Format<T>, T> Format<Vec<T>> for List<F> {
    fn write<S: Serializer>(value: &Vec<T>, to: S) -> Result<S::Ok, S::Error> {
        let mut list = to.serialize_seq(Some(value.len()))?;
        for item in value {
            list.serialize_element(&Written::<F, T>::new(item))?;
        }
        list.end()
    }

    fn read<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<T>, D::Error> {
        from.deserialize_seq(ReadList::<F, T>(PhantomData))
    }
}

struct ReadList<F, T>(PhantomData<(F, T)>);

impl<'de, F: Format<T>, T> Visitor<'de> for ReadList<F, T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<T>, A::Error> {
        let expected = list.size_hint().unwrap_or(0).min(MAX_RESERVED_ITEMS);
        let mut items = Vec::with_capacity(expected);
        while let Some(item) = list.next_element_seed(Read::<F, T>::new())? {
            items.push(item);
        }
        Ok(items)
    }
}

/// A type that maps are keyed by; JSON keys are strings.
pub trait Key: Ord + ToString + std::str::FromStr {}

impl Key for String {}
impl Key for bool {}
impl Key for i32 {}
impl Key for u32 {}
impl Key for i64 {}
impl Key for u64 {}

/// A map to values in format `F`.
#[derive(Debug)]
pub struct Map<F>(PhantomData<F>);

impl<F: Format<T>, K: Key, T> Format<BTreeMap<K, T>> for Map<F> {
    fn write<S: Serializer>(value: &BTreeMap<K, T>, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(value.len()))?;
        for (key, value) in value {
            map.serialize_entry(&key.to_string(), &Written::<F, T>::new(value))?;
        }
        map.end()
    }

    fn read<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<K, T>, D::Error> {
        from.deserialize_map(ReadMap::<F, K, T>(PhantomData))
    }
}

struct ReadMap<F, K, T>(PhantomData<(F, K, T)>);

impl<'de, F: Format<T>, K: Key, T> Visitor<'de> for ReadMap<F, K, T> {
    type Value = BTreeMap<K, T>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = BTreeMap::new();
        while let Some(text) = map.next_key::<String>()? {
            let key = text
                .parse()
                .map_err(|_| A::Error::custom(format_args!("bad key `{}`", clip(&text))))?;
            if entries
                .insert(key, map.next_value_seed(Read::<F, T>::new())?)
                .is_some()
            {
                return Err(A::Error::custom(format_args!(
                    "duplicate key `{}`",
                    clip(&text)
                )));
            }
        }
        Ok(entries)
    }
}
