//! Proto3 JSON, form by form.

use bytes::Bytes;
use serde_json::{Value, json};

use crate::scratch::{Color, Item, Plain, plain};

fn written(change: impl FnOnce(&mut Plain)) -> Value {
    let mut message = Plain::default();
    change(&mut message);
    serde_json::to_value(&message).unwrap()
}

#[track_caller]
fn read(value: &Value) -> Plain {
    // By text, so that numbers take the way they take in a request.
    serde_json::from_str(&value.to_string()).unwrap()
}

#[track_caller]
fn refusal(text: &str) -> String {
    serde_json::from_str::<Plain>(text).unwrap_err().to_string()
}

#[test]
fn fields_without_presence_are_always_written_and_others_where_set() {
    let item = serde_json::to_value(Item::default()).unwrap();
    assert_eq!(item, json!({"name": "", "children": []}));
    let plain = written(|_| {});
    let object = plain.as_object().unwrap();
    for name in [
        "aDouble",
        "anInt64",
        "aBool",
        "someBytes",
        "color",
        "strings",
        "labels",
    ] {
        assert!(object.contains_key(name), "{name}");
    }
    for name in [
        "inner",
        "maybeInt32",
        "maybeString",
        "text",
        "moment",
        "value",
        "type",
    ] {
        assert!(!object.contains_key(name), "{name}");
    }
    assert_eq!(
        written(|message| message.maybe_int32 = Some(0))["maybeInt32"],
        0
    );
}

#[test]
fn small_integers_are_numbers_and_large_ones_strings() {
    let value = written(|message| {
        message.an_int32 = -1;
        message.a_uint32 = u32::MAX;
        message.an_int64 = i64::MIN;
        message.a_uint64 = u64::MAX;
        message.int64s = vec![1, 2];
    });
    assert_eq!(value["anInt32"], -1);
    assert_eq!(value["aUint32"], u32::MAX);
    assert_eq!(value["anInt64"], "-9223372036854775808");
    assert_eq!(value["aUint64"], "18446744073709551615");
    assert_eq!(value["int64s"], json!(["1", "2"]));
}

#[test]
fn integers_are_read_from_numbers_strings_and_whole_decimals() {
    for (text, number) in [
        ("7", 7),
        ("\"7\"", 7),
        ("7.0", 7),
        ("7e0", 7),
        ("\"-7\"", -7),
        ("70e-1", 7),
        ("\"7.0\"", 7),
    ] {
        let message: Plain =
            serde_json::from_str(&format!("{{\"anInt32\":{text},\"anInt64\":{text}}}")).unwrap();
        assert_eq!(
            (i64::from(message.an_int32), message.an_int64),
            (number, number),
            "{text}"
        );
    }
    let message: Plain =
        serde_json::from_str(r#"{"aUint64":18446744073709551615,"anInt64":-9223372036854775808}"#)
            .unwrap();
    assert_eq!((message.a_uint64, message.an_int64), (u64::MAX, i64::MIN));
}

#[test]
fn what_is_no_such_integer_is_refused() {
    for text in [
        "1.5",
        "2147483648",
        "-2147483649",
        "\"\"",
        "\" 1\"",
        "\"1x\"",
        "\"+1\"",
        "\"0x1\"",
        "true",
        "[1]",
        "1e40",
        "\"NaN\"",
    ] {
        refusal(&format!("{{\"anInt32\":{text}}}"));
    }
    for text in ["-1", "18446744073709551616", "\"18446744073709551616\""] {
        refusal(&format!("{{\"aUint64\":{text}}}"));
    }
    refusal("{\"anInt64\":\"9223372036854775808\"}");
}

#[test]
fn floats_that_json_has_not_are_strings() {
    let value = written(|message| {
        message.a_double = f64::NAN;
        message.a_float = f32::NEG_INFINITY;
        message.doubles = vec![f64::INFINITY, 1.5];
    });
    assert_eq!(value["aDouble"], "NaN");
    assert_eq!(value["aFloat"], "-Infinity");
    assert_eq!(value["doubles"], json!(["Infinity", 1.5]));
    let message = read(&value);
    assert!(message.a_double.is_nan() && message.a_float == f32::NEG_INFINITY);
    assert_eq!(message.doubles, [f64::INFINITY, 1.5]);
    assert!((read(&json!({"aDouble": "-1.5e3"})).a_double + 1500.0).abs() < f64::EPSILON);
    for text in ["\"inf\"", "\"nan\"", "\"\"", "\"1e999\"", "true"] {
        refusal(&format!("{{\"aDouble\":{text}}}"));
    }
    refusal("{\"aFloat\":1e39}");
}

#[test]
fn bytes_are_base64_and_base64url_is_read() {
    let bytes = Bytes::from_static(&[0xfb, 0xff, 0xfe, 0x01]);
    assert_eq!(
        written(|message| message.some_bytes = bytes.clone())["someBytes"],
        "+//+AQ=="
    );
    for text in ["+//+AQ==", "+//+AQ", "-__-AQ==", "-__-AQ"] {
        assert_eq!(
            read(&json!({"someBytes": text})).some_bytes,
            bytes,
            "{text}"
        );
    }
    for text in ["\"*\"", "\"+//+A\"", "1"] {
        refusal(&format!("{{\"someBytes\":{text}}}"));
    }
}

#[test]
fn enums_are_names_and_unknown_numbers_survive() {
    let value = written(|message| {
        message.set_color(Color::Red);
        message.set_shape(plain::Shape::Round);
        message.colors = vec![2, 77];
    });
    assert_eq!(
        (&value["color"], &value["shape"]),
        (&json!("RED"), &json!("ROUND"))
    );
    assert_eq!(value["colors"], json!(["GREEN", 77]));
    let message = read(&json!({"color": -3, "colors": ["RED", 77]}));
    assert_eq!((message.color, message.colors), (-3, vec![1, 77]));
    assert!(refusal("{\"color\":\"BLUE\"}").contains("unknown value `BLUE`"));
    for text in ["true", "1.5", "2147483648", "\"red\""] {
        refusal(&format!("{{\"color\":{text}}}"));
    }
    assert_eq!(serde_json::to_string(&Color::Minus).unwrap(), "\"MINUS\"");
    assert_eq!(serde_json::from_str::<Color>("2").unwrap(), Color::Green);
    assert!(serde_json::from_str::<Color>("77").is_err());
}

#[test]
fn maps_are_objects_keyed_by_text() {
    let value = json!({"labels": {"b": "1", "a": "2"}, "byNumber": {"-7": {"name": "x"}}, "byFlag": {"true": "RED"}, "weights": {"3": "NaN"}});
    let message = read(&value);
    assert_eq!(message.labels["a"], "2");
    assert_eq!(message.by_number[&-7].name, "x");
    assert_eq!(message.by_flag[&true], 1);
    assert!(message.weights[&3].is_nan());
    let text = serde_json::to_string(&message).unwrap();
    assert!(text.contains(r#""labels":{"a":"2","b":"1"}"#), "{text}");
    for text in [
        r#"{"byNumber":{"x":{}}}"#,
        r#"{"labels":{"a":null}}"#,
        r#"{"labels":{"a":"1","a":"2"}}"#,
        r#"{"byFlag":{"1":"RED"}}"#,
    ] {
        refusal(text);
    }
}

#[test]
fn null_is_absence_but_for_a_value() {
    let message = read(&json!({
        "aString": null, "color": null, "strings": null, "labels": null, "inner": null,
        "maybeInt32": null, "text": null, "moment": null, "value": null, "wrappedString": null,
    }));
    let expected = Plain {
        value: Some(covergen_proto::wkt::Kind::NullValue(0).into()),
        ..Plain::default()
    };
    assert_eq!(message, expected);
    assert!(written(|message| *message = expected)["value"].is_null());
    refusal("{\"strings\":[null]}");
    assert_eq!(
        read(&json!({"anything": null})).choice,
        Some(plain::Choice::Anything(
            covergen_proto::wkt::Kind::NullValue(0).into()
        ))
    );
}

#[test]
fn one_member_of_a_oneof_may_be_given() {
    assert_eq!(
        read(&json!({"text": "x"})).choice,
        Some(plain::Choice::Text("x".to_owned()))
    );
    assert_eq!(
        read(&json!({"text": null, "number": "5"})).choice,
        Some(plain::Choice::Number(5))
    );
    assert!(refusal(r#"{"text":"x","number":1}"#).contains("more than one of `choice`"));
    let value = written(|message| message.choice = Some(plain::Choice::Hue(1)));
    assert_eq!(value["hue"], "RED");
}

#[test]
fn names_are_read_in_both_spellings_and_others_are_refused() {
    assert_eq!(read(&json!({"a_string": "x"})).a_string, "x");
    assert_eq!(read(&json!({"otherName": "x"})).renamed, "x");
    assert_eq!(read(&json!({"renamed": "x"})).renamed, "x");
    assert_eq!(
        read(&json!({"type": {"aBool": true}}))
            .r#type
            .map(|inner| inner.a_bool),
        Some(true)
    );
    assert!(refusal("{\"aStrin\":1}").contains("unknown field `aStrin`"));
    assert!(refusal("{\"inner\":{\"x\":1}}").contains("unknown field `x`"));
    assert!(refusal(r#"{"aString":"x","a_string":"y"}"#).contains("duplicate field `aString`"));
    assert!(refusal(&format!("{{\"{}\":1}}", "x".repeat(9_999))).len() < 150);
}

#[test]
fn well_known_types_have_their_own_forms() {
    let value = json!({
        "moment": "2030-01-02T03:04:05.500Z",
        "span": "1.500s",
        "mask": "a.b,cD",
        "document": {"a": [1.0, null]},
        "list": [true],
        "nothing": {},
        "wrappedString": "x",
        "wrappedInt64": "7",
        "wrappedBool": false,
        "wrappedBytes": "AQ==",
        "wrappedDouble": "NaN",
        "moments": ["1970-01-01T00:00:00Z"],
        "values": [null, 1.0],
    });
    let again = serde_json::to_value(read(&value)).unwrap();
    for (name, form) in value.as_object().unwrap() {
        assert_eq!(&again[name], form, "{name}");
    }
    for text in [
        r#"{"moment":"yesterday"}"#,
        r#"{"span":"1"}"#,
        r#"{"mask":"a_b"}"#,
        r#"{"nothing":{"a":1}}"#,
        r#"{"moments":[null]}"#,
    ] {
        refusal(text);
    }
}

#[test]
fn what_is_no_object_is_refused() {
    for text in [
        "[]",
        "1",
        "\"x\"",
        "null",
        "{\"inner\":[]}",
        "{\"aBool\":1}",
        "{\"aString\":1}",
        "{",
        "",
    ] {
        refusal(text);
    }
}
