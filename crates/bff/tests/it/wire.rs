//! JSON written from a message's wire form is what is written from the message.

use bytes::Bytes;
use covergen_bff::json::Writer;
use proptest::prelude::*;
use prost::Message as _;

use crate::generated::{EVERYTHING, WRITE_EVERYTHING};
use crate::scratch::covergen::echo::v1::{Everything, everything};
use crate::scratch::google::protobuf::{Duration, Timestamp};

/// By way of the message, if the bytes are one.
fn by_message(bytes: &[u8]) -> Option<String> {
    let message = Everything::decode(bytes).ok()?;
    let mut writer = Writer::new();
    WRITE_EVERYTHING(&mut writer, &message);
    Some(String::from_utf8(writer.into_bytes()).unwrap())
}

/// From the wire, if the bytes stand in the usual order.
fn from_wire(bytes: &[u8]) -> Option<String> {
    let mut writer = Writer::new();
    writer.wire(EVERYTHING, bytes).ok()?;
    Some(String::from_utf8(writer.into_bytes()).unwrap())
}

fn text() -> impl Strategy<Value = String> {
    "[^\u{0}]{0,6}"
}

fn time() -> impl Strategy<Value = Timestamp> {
    // Some of them have no text.
    (-70_000_000_000..300_000_000_000_i64, -5..1_000_000_005_i32)
        .prop_map(|(seconds, nanos)| Timestamp { seconds, nanos })
}

fn numbers() -> impl Strategy<Value = Everything> {
    let small = (
        any::<f64>(),
        any::<f32>(),
        any::<[i32; 3]>(),
        any::<[i64; 3]>(),
    );
    let rest = (
        any::<[u32; 2]>(),
        any::<[u64; 2]>(),
        any::<bool>(),
        -3..3_i32,
    );
    (small, rest, any::<Option<i32>>()).prop_map(
        |((double, float, ints, longs), (words, quads, bool, kind), maybe_int32)| Everything {
            double,
            float,
            int32: ints[0],
            sint32: ints[1],
            sfixed32: ints[2],
            int64: longs[0],
            sint64: longs[1],
            sfixed64: longs[2],
            uint32: words[0],
            fixed32: words[1],
            uint64: quads[0],
            fixed64: quads[1],
            bool,
            kind,
            maybe_int32,
            ..Everything::default()
        },
    )
}

fn lists() -> impl Strategy<Value = Everything> {
    let numbers = (
        prop::collection::vec(any::<i32>(), 0..4),
        prop::collection::vec(any::<i64>(), 0..4),
        prop::collection::vec(any::<f64>(), 0..4),
        prop::collection::vec(any::<bool>(), 0..4),
        prop::collection::vec(-3..3_i32, 0..4),
    );
    let others = (
        prop::collection::vec(text(), 0..3),
        prop::collection::vec(prop::collection::vec(any::<u8>(), 0..5), 0..3),
        prop::collection::vec(time(), 0..3),
    );
    (numbers, others).prop_map(
        |((int32s, sint64s, doubles, bools, kinds), (strings, chunks, times))| Everything {
            int32s,
            sint64s,
            doubles,
            bools,
            kinds,
            strings,
            chunks: chunks.into_iter().map(Bytes::from).collect(),
            times,
            ..Everything::default()
        },
    )
}

fn one() -> impl Strategy<Value = Everything> {
    let words = (text(), prop::option::of(text()), text());
    let times = (prop::option::of(time()), any::<Option<(i32, i32)>>());
    let parts = (
        prop::option::of(numbers()),
        prop::option::of(lists()),
        words,
        times,
    );
    (parts, prop::collection::vec(any::<u8>(), 0..8)).prop_map(
        |((numbers, lists, (string, maybe_string, secret), (time, wait)), bytes)| {
            let lists = lists.unwrap_or_default();
            Everything {
                string,
                maybe_string,
                secret,
                bytes: bytes.into(),
                time,
                wait: wait.map(|(seconds, nanos)| Duration {
                    seconds: seconds.into(),
                    nanos,
                }),
                int32s: lists.int32s,
                sint64s: lists.sint64s,
                doubles: lists.doubles,
                bools: lists.bools,
                kinds: lists.kinds,
                strings: lists.strings,
                chunks: lists.chunks,
                times: lists.times,
                ..numbers.unwrap_or_default()
            }
        },
    )
}

fn everything() -> impl Strategy<Value = Everything> {
    one().prop_recursive(3, 12, 3, |inner| {
        let choice = prop_oneof![
            text().prop_map(everything::Choice::Word),
            inner
                .clone()
                .prop_map(|m| everything::Choice::Whole(Box::new(m))),
            any::<i64>().prop_map(everything::Choice::Number),
        ];
        let several = prop::collection::vec(inner.clone(), 0..3);
        (
            one(),
            prop::option::of(inner),
            prop::option::of(choice),
            several,
        )
            .prop_map(|(message, inner, choice, several)| Everything {
                inner: inner.map(Box::new),
                choice,
                several,
                ..message
            })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn what_an_encoder_writes_is_written_from_the_wire(message in everything()) {
        let bytes = message.encode_to_vec();
        let from_wire = from_wire(&bytes);
        prop_assert!(from_wire.is_some());
        prop_assert_eq!(from_wire, by_message(&bytes));
    }

    /// Two encodings after each other are one message, merged.
    #[test]
    fn what_is_written_otherwise_is_left_alone_or_the_same(
        first in everything(), second in everything(), cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = first.encode_to_vec();
        bytes.extend(second.encode_to_vec());
        if let Some(written) = from_wire(&bytes) {
            prop_assert_eq!(Some(written), by_message(&bytes));
        }
        let half = &bytes[..cut.index(bytes.len() + 1)];
        if let Some(written) = from_wire(half) {
            prop_assert_eq!(Some(written), by_message(half));
        }
    }

    #[test]
    fn a_changed_byte_is_never_written_otherwise_than_it_reads(
        message in everything(), at in any::<prop::sample::Index>(), byte in any::<u8>(),
    ) {
        let mut bytes = message.encode_to_vec();
        if bytes.is_empty() {
            bytes.push(0);
        }
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Some(written) = from_wire(&bytes) {
            // What nobody sees is not looked into, so it may be no text.
            if let Some(expected) = by_message(&bytes) {
                prop_assert_eq!(written, expected);
            }
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let _ = from_wire(&bytes);
    }
}

#[test]
fn a_field_given_twice_is_left_to_the_message() {
    let mut bytes = vec![0x72, 1, b'a', 0x72, 1, b'b'];
    assert_eq!(from_wire(&bytes), None);
    assert!(by_message(&bytes).unwrap().contains("\"string\":\"b\""));
    // Fields of no known number may stand anywhere.
    bytes.truncate(3);
    bytes.splice(0..0, [0x92, 0x7d, 1, b'x']);
    assert_eq!(from_wire(&bytes), by_message(&bytes));
    assert!(from_wire(&bytes).is_some());
}

#[test]
fn nesting_ends_where_a_decoder_ends() {
    let mut message = Everything::default();
    for _ in 0..150 {
        message = Everything {
            inner: Some(Box::new(message)),
            ..Everything::default()
        };
    }
    let bytes = message.encode_to_vec();
    assert_eq!(from_wire(&bytes), None);
    assert_eq!(by_message(&bytes), None);
}

#[test]
fn what_is_hidden_or_not_wanted_is_stepped_over() {
    let message = Everything {
        secret: "hush".to_owned(),
        string: "said".to_owned(),
        ..Everything::default()
    };
    let written = from_wire(&message.encode_to_vec()).unwrap();
    assert!(written.contains("said") && !written.contains("hush"));
}
