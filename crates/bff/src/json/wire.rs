//! JSON straight from a message's protobuf wire form.
//!
//! Nothing is built in between: strings go from the answer's bytes into the
//! document's, and what the audience does not see, or did not ask for, is
//! stepped over. The tables are data rather than code, so that they cost no
//! compile time.
//!
//! Encoders write each field once and in the order of their numbers. Whatever
//! is written otherwise (protobuf allows fields in any order, a single field
//! several times, pieces of one message apart) is [`Unusual`], and is left to
//! the path that builds the message.

use super::{Enumeration, Writer};

/// Messages inside messages, as deep as protobuf decoders go.
const MAX_NESTING: u8 = 100;

/// How one message is written.
#[derive(Debug)]
pub struct Wire {
    /// The fields that are seen, in order of their numbers.
    pub fields: &'static [WireField],
}

/// How one field is written.
#[derive(Debug)]
pub struct WireField {
    /// Field number.
    pub number: u32,
    /// lowerCamelCase name.
    pub json: &'static str,
    /// How many values it holds.
    pub holds: Holds,
    /// What its values are.
    pub value: WireValue,
}

/// How many values a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// One; absent is the zero value, which is written.
    One,
    /// One or none.
    Optional,
    /// A member of this oneof, numbered from 0.
    Oneof(u8),
    /// Many.
    List,
}

/// What a value is, and how it stands on the wire.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs, reason = "they are the scalar types of protobuf")]
pub enum WireValue {
    Double,
    Float,
    Int32,
    Sint32,
    Sfixed32,
    Int64,
    Sint64,
    Sfixed64,
    Uint32,
    Fixed32,
    Uint64,
    Fixed64,
    Bool,
    String,
    Bytes,
    /// An enum, by its table.
    Enum(&'static Enumeration),
    /// google.protobuf.Timestamp.
    Timestamp,
    /// google.protobuf.Duration.
    Duration,
    /// A message, by its table.
    Message(&'static Wire),
}

/// The bytes are not what an encoder writes; they may still be a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unusual;

type Read<T> = Result<T, Unusual>;

impl Writer {
    /// Writes the message whose wire form is `bytes`.
    ///
    /// # Errors
    /// When the bytes are not in the form that encoders write. What was
    /// written until then is of no use: call [`Writer::restart`].
    pub fn wire(&mut self, table: &'static Wire, bytes: &[u8]) -> Read<()> {
        self.message(table, Input(bytes), 0)
    }

    fn message(&mut self, table: &'static Wire, mut input: Input<'_>, depth: u8) -> Read<()> {
        if depth == MAX_NESTING {
            return Err(Unusual);
        }
        let mut ahead = table.fields.iter();
        let mut oneofs = 0_u64;
        self.begin_object();
        let mut tag = input.tag()?;
        while let Some((number, kind)) = tag {
            let at = ahead
                .as_slice()
                .iter()
                .position(|field| field.number >= number);
            let known = at.filter(|at| ahead.as_slice()[*at].number == number);
            let Some(at) = known else {
                // Seen before, in which case the last one counts; else hidden,
                // or newer than this build.
                if table.fields.iter().any(|field| field.number == number) {
                    return Err(Unusual);
                }
                input.skip(kind)?;
                tag = input.tag()?;
                continue;
            };
            for field in ahead.by_ref().take(at) {
                self.absent(field);
            }
            let Some(field) = ahead.next() else {
                return Err(Unusual);
            };
            if let Holds::Oneof(of) = field.holds {
                let bit = 1_u64.checked_shl(of.into()).ok_or(Unusual)?;
                if oneofs & bit != 0 {
                    return Err(Unusual);
                }
                oneofs |= bit;
            }
            if !self.field(field.json) {
                input.skip(kind)?;
                tag = input.tag()?;
                while field.holds == Holds::List && tag.is_some_and(|(next, _)| next == number) {
                    input.skip(kind)?;
                    tag = input.tag()?;
                }
                continue;
            }
            tag = if field.holds == Holds::List {
                self.several(field, kind, &mut input, depth)?
            } else {
                self.one(field.value, kind, &mut input, depth)?;
                input.tag()?
            };
        }
        for field in ahead {
            self.absent(field);
        }
        self.end_object();
        Ok(())
    }

    /// The elements of a list, the first of whose tags is read; answers the
    /// tag after the last.
    fn several(
        &mut self,
        field: &WireField,
        kind: Kind,
        input: &mut Input<'_>,
        depth: u8,
    ) -> Read<Option<(u32, Kind)>> {
        let packed = kind == Kind::Bytes && field.value.kind() != Kind::Bytes;
        let node = self.open_list();
        if packed {
            let mut elements = Input(input.bytes()?);
            while !elements.0.is_empty() {
                self.next_element(node);
                self.one(field.value, field.value.kind(), &mut elements, depth)?;
            }
            self.close_list();
            return input.tag();
        }
        let mut kind = kind;
        let after = loop {
            self.next_element(node);
            self.one(field.value, kind, input, depth)?;
            match input.tag()? {
                Some((number, next)) if number == field.number => kind = next,
                after => break after,
            }
        };
        self.close_list();
        Ok(after)
    }

    fn one(&mut self, value: WireValue, kind: Kind, input: &mut Input<'_>, depth: u8) -> Read<()> {
        if kind != value.kind() {
            return Err(Unusual);
        }
        match value {
            WireValue::Double => self.double(f64::from_le_bytes(input.eight()?)),
            WireValue::Float => self.float(f32::from_le_bytes(input.four()?)),
            WireValue::Int32 => self.int32(low_half(input.varint()?)),
            WireValue::Sint32 => self.int32(zigzag_32(input.varint()?)),
            WireValue::Sfixed32 => self.int32(i32::from_le_bytes(input.four()?)),
            WireValue::Int64 => self.int64(input.varint()?.cast_signed()),
            WireValue::Sint64 => self.int64(zigzag_64(input.varint()?)),
            WireValue::Sfixed64 => self.int64(i64::from_le_bytes(input.eight()?)),
            WireValue::Uint32 => self.uint32(low_half(input.varint()?).cast_unsigned()),
            WireValue::Fixed32 => self.uint32(u32::from_le_bytes(input.four()?)),
            WireValue::Uint64 => self.uint64(input.varint()?),
            WireValue::Fixed64 => self.uint64(u64::from_le_bytes(input.eight()?)),
            WireValue::Bool => self.bool(input.varint()? != 0),
            WireValue::String => {
                self.string(std::str::from_utf8(input.bytes()?).map_err(|_| Unusual)?);
            }
            WireValue::Bytes => self.bytes(input.bytes()?),
            WireValue::Enum(known) => self.enumeration(low_half(input.varint()?), known),
            WireValue::Timestamp => {
                let (seconds, nanos) = Input(input.bytes()?).time()?;
                self.timestamp(seconds, nanos);
            }
            WireValue::Duration => {
                let (seconds, nanos) = Input(input.bytes()?).time()?;
                self.duration(seconds, nanos);
            }
            WireValue::Message(table) => {
                self.message(table, Input(input.bytes()?), depth + 1)?;
            }
        }
        Ok(())
    }

    /// A field that the wire does not have.
    fn absent(&mut self, field: &WireField) {
        match field.holds {
            Holds::Optional | Holds::Oneof(_) => return,
            Holds::One | Holds::List => {}
        }
        if !self.field(field.json) {
            return;
        }
        if field.holds == Holds::List {
            self.open_list();
            return self.close_list();
        }
        match field.value {
            WireValue::Double => self.double(0.0),
            WireValue::Float => self.float(0.0),
            WireValue::Int32 | WireValue::Sint32 | WireValue::Sfixed32 => self.int32(0),
            WireValue::Int64 | WireValue::Sint64 | WireValue::Sfixed64 => self.int64(0),
            WireValue::Uint32 | WireValue::Fixed32 => self.uint32(0),
            WireValue::Uint64 | WireValue::Fixed64 => self.uint64(0),
            WireValue::Bool => self.bool(false),
            WireValue::String => self.string(""),
            WireValue::Bytes => self.bytes(&[]),
            WireValue::Enum(known) => self.enumeration(0, known),
            // Messages are never without presence.
            WireValue::Timestamp | WireValue::Duration | WireValue::Message(_) => self.null(),
        }
    }
}

/// Wire types (protobuf encoding, "Message Structure"); groups are none of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Varint,
    Eight,
    Bytes,
    Four,
}

impl WireValue {
    fn kind(self) -> Kind {
        match self {
            Self::Double | Self::Sfixed64 | Self::Fixed64 => Kind::Eight,
            Self::Float | Self::Sfixed32 | Self::Fixed32 => Kind::Four,
            Self::String | Self::Bytes | Self::Timestamp | Self::Duration | Self::Message(_) => {
                Kind::Bytes
            }
            _ => Kind::Varint,
        }
    }
}

/// What is left to read.
struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn tag(&mut self) -> Read<Option<(u32, Kind)>> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let key = self.varint()?;
        let kind = match key & 7 {
            0 => Kind::Varint,
            1 => Kind::Eight,
            2 => Kind::Bytes,
            5 => Kind::Four,
            _ => return Err(Unusual),
        };
        let number = u32::try_from(key >> 3).map_err(|_| Unusual)?;
        if number == 0 || key > u64::from(u32::MAX) {
            return Err(Unusual);
        }
        Ok(Some((number, kind)))
    }

    fn varint(&mut self) -> Read<u64> {
        let mut value = 0;
        for (at, byte) in self.0.iter().take(10).enumerate() {
            let low = u64::from(byte & 0x7f);
            // The tenth byte holds the last of 64 bits.
            if at == 9 && *byte > 1 {
                return Err(Unusual);
            }
            value |= low << (7 * at);
            if byte & 0x80 == 0 {
                self.0 = &self.0[at + 1..];
                return Ok(value);
            }
        }
        Err(Unusual)
    }

    fn bytes(&mut self) -> Read<&'a [u8]> {
        let length = usize::try_from(self.varint()?).map_err(|_| Unusual)?;
        let (bytes, rest) = self.0.split_at_checked(length).ok_or(Unusual)?;
        self.0 = rest;
        Ok(bytes)
    }

    fn eight(&mut self) -> Read<[u8; 8]> {
        let (bytes, rest) = self.0.split_first_chunk().ok_or(Unusual)?;
        self.0 = rest;
        Ok(*bytes)
    }

    fn four(&mut self) -> Read<[u8; 4]> {
        let (bytes, rest) = self.0.split_first_chunk().ok_or(Unusual)?;
        self.0 = rest;
        Ok(*bytes)
    }

    fn skip(&mut self, kind: Kind) -> Read<()> {
        match kind {
            Kind::Varint => self.varint().map(drop),
            Kind::Eight => self.eight().map(drop),
            Kind::Bytes => self.bytes().map(drop),
            Kind::Four => self.four().map(drop),
        }
    }

    /// Seconds and nanoseconds, of a timestamp or a duration.
    fn time(mut self) -> Read<(i64, i32)> {
        let (mut seconds, mut nanos) = (0, 0);
        let mut last = 0;
        while let Some((number, kind)) = self.tag()? {
            if number <= last || number > 2 || kind != Kind::Varint {
                return Err(Unusual);
            }
            last = number;
            let value = self.varint()?;
            if number == 1 {
                seconds = value.cast_signed();
            } else {
                nanos = low_half(value);
            }
        }
        Ok((seconds, nanos))
    }
}

/// Numbers of 32 bits stand on the wire as 64, of which the low ones count.
#[allow(clippy::cast_possible_truncation, reason = "that is the rule")]
fn low_half(value: u64) -> i32 {
    value as i32
}

fn zigzag_32(value: u64) -> i32 {
    let value = low_half(value).cast_unsigned();
    (value >> 1).cast_signed() ^ -(value & 1).cast_signed()
}

fn zigzag_64(value: u64) -> i64 {
    (value >> 1).cast_signed() ^ -(value & 1).cast_signed()
}
