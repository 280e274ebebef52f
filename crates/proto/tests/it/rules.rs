//! Each rule refuses what it must, names the field, and keeps quiet otherwise.

use std::collections::BTreeMap;

use bytes::Bytes;
use covergen_proto::{Validate, wkt};

use crate::scratch::{Color, Ruled, ruled::Source};
use crate::{item, ruled};

/// What is wrong with the valid message after `change`, as `field rule`.
fn broken(change: impl FnOnce(&mut Ruled)) -> Vec<String> {
    let mut message = ruled();
    change(&mut message);
    match message.check() {
        Ok(()) => Vec::new(),
        Err(violations) => violations
            .iter()
            .map(|found| format!("{} {}", found.field, found.rule))
            .collect(),
    }
}

#[track_caller]
fn refused(expected: &str, change: impl FnOnce(&mut Ruled)) {
    assert_eq!(broken(change), [expected]);
}

#[track_caller]
fn taken(change: impl FnOnce(&mut Ruled)) {
    assert_eq!(broken(change), [""; 0]);
}

#[test]
fn a_message_that_keeps_its_rules_is_taken() {
    taken(|_| {});
}

#[test]
fn strings_are_held_to_their_lengths_in_characters_or_bytes() {
    taken(|message| message.request_id = "x".repeat(16));
    refused("requestId string.max_bytes", |message| {
        message.request_id = "é".repeat(9);
    });
    taken(|message| message.items = vec![item("éééééééé")]);
    refused("items[0].name string.max_len", |message| {
        message.items = vec![item("ééééééééé")];
    });
    taken(|message| message.sized = Some("abé".to_owned()));
    assert_eq!(
        broken(|message| message.sized = Some("zz".to_owned())),
        [
            "sized string.len",
            "sized string.min_bytes",
            "sized string.suffix",
            "sized string.contains",
            "sized string.not_contains",
        ]
    );
}

#[test]
fn strings_are_held_to_their_content() {
    refused("pattern string.pattern", |message| {
        message.pattern = "ab-123".to_owned();
    });
    refused("exact string.const", |message| {
        message.exact = "no".to_owned();
    });
    taken(|message| message.one_of_these = "png".to_owned());
    refused("oneOfThese string.in", |message| {
        message.one_of_these = "gif".to_owned();
    });
    refused("noneOfThese string.not_in", |message| {
        message.none_of_these = "root".to_owned();
    });
    taken(|message| message.link = Some("https://a.example/".to_owned()));
    refused("link string.prefix", |message| {
        message.link = Some("http://a.example/".to_owned());
    });
    refused("link string.uri", |message| {
        message.link = Some("https://a b/".to_owned());
    });
    refused("id string.uuid_empty", |message| {
        message.id = Some(String::new());
    });
    refused("id string.uuid", |message| {
        message.id = Some("0192".to_owned());
    });
}

#[test]
fn an_ignored_zero_is_not_judged_and_a_value_is() {
    taken(|message| message.email = String::new());
    taken(|message| message.email = "a@b.example".to_owned());
    refused("email string.email", |message| {
        message.email = "a".to_owned();
    });
}

#[test]
fn numbers_are_held_to_their_ranges() {
    taken(|message| message.count = 8);
    refused("count int32.gte_lte", |message| message.count = 9);
    refused("count int32.gte_lte", |message| message.count = -1);
    taken(|message| message.outside = 4);
    for outside in 5..=10 {
        refused("outside uint32.gt_lt_exclusive", |message| {
            message.outside = outside;
        });
    }
    taken(|message| message.big = -4);
    refused("big int64.gt", |message| message.big = -5);
    taken(|message| message.huge = u64::MAX);
    refused("huge uint64.in", |message| message.huge = 1);
    refused("ratio double.lt", |message| message.ratio = 1.5);
    assert_eq!(
        broken(|message| message.ratio = f64::NAN),
        ["ratio double.finite", "ratio double.lt"]
    );
    assert_eq!(
        broken(|message| message.ratio = f64::NEG_INFINITY),
        ["ratio double.finite"]
    );
    refused("share float.not_in", |message| message.share = 0.5);
    refused("share float.gte", |message| message.share = -0.1);
}

#[test]
fn bytes_booleans_and_enums_are_judged() {
    refused("blob bytes.max_len", |message| {
        message.blob = Bytes::from_static(b"12345");
    });
    refused("blob bytes.not_in", |message| {
        message.blob = Bytes::from_static(b"no");
    });
    taken(|message| message.magic = Some(Bytes::from_static(b"\x89PNG")));
    assert_eq!(
        broken(|message| message.magic = Some(Bytes::from_static(b"P"))),
        ["magic bytes.min_len", "magic bytes.prefix"]
    );
    refused("agreed bool.const", |message| message.agreed = false);
    taken(|message| message.set_color(Color::Minus));
    refused("color enum.not_in", |message| {
        message.set_color(Color::Green);
    });
    refused("color enum.defined_only", |message| message.color = 77);
    taken(|message| message.picked = Some(-3));
    refused("picked enum.in", |message| message.picked = Some(0));
}

#[test]
fn lists_and_maps_are_judged_whole_and_by_item() {
    let tags = |tags: &[&str]| tags.iter().map(|tag| (*tag).to_owned()).collect::<Vec<_>>();
    taken(|message| message.tags = tags(&["aa", "bb", "cc"]));
    refused("tags repeated.max_items", |message| {
        message.tags = tags(&["aa", "bb", "cc", "dd"]);
    });
    refused("tags repeated.unique", |message| {
        message.tags = tags(&["aa", "aa"]);
    });
    refused("tags[1] string.min_len", |message| {
        message.tags = tags(&["aa", "b"]);
    });
    refused("items repeated.min_items", |message| message.items.clear());
    refused("byName[\"one\"].name string.min_len", |message| {
        message.by_name = BTreeMap::from([("one".to_owned(), item(""))]);
    });
    refused("byName[\"longer\"] string.max_len", |message| {
        message.by_name = BTreeMap::from([("longer".to_owned(), item("x"))]);
    });
    refused("byName map.max_pairs", |message| {
        message.by_name = ["a", "b", "c"]
            .map(|key| (key.to_owned(), item("x")))
            .into();
    });
    refused("scores[\"x\"] int32.gt", |message| {
        message.scores = BTreeMap::from([("x".to_owned(), 0)]);
    });
    refused("doubles repeated.unique", |message| {
        message.doubles = vec![0.0, -0.0];
    });
}

#[test]
fn what_is_required_must_be_there() {
    refused("item required", |message| message.item = None);
    refused("title required", |message| message.title = String::new());
    refused("source required", |message| message.source = None);
    refused("url string.min_len", |message| {
        message.source = Some(Source::Url("u".to_owned()));
    });
    refused("inline.name string.min_len", |message| {
        message.source = Some(Source::Inline(item("")));
    });
}

#[test]
fn of_a_group_exactly_one_is_given() {
    taken(|message| {
        message.left.clear();
        message.right = "rr".to_owned();
    });
    refused(" message.oneof", |message| message.left.clear());
    refused(" message.oneof", |message| message.right = "rr".to_owned());
}

#[test]
fn what_is_inside_is_judged_at_every_depth() {
    refused(
        "item.children[0].children[1].name string.min_len",
        |message| {
            let mut child = item("c");
            child.children = vec![item("d"), item("")];
            message.item = Some(item("i"));
            message.item.as_mut().unwrap().children.push(child);
        },
    );
    taken(|message| message.unjudged = Some(item("")));
}

#[test]
fn well_known_types_are_judged() {
    let moment = |seconds, nanos| Some(wkt::Timestamp { seconds, nanos });
    taken(|message| message.moment = moment(1000, 0));
    refused("moment timestamp.gte", |message| {
        message.moment = moment(999, 999_999_999);
    });
    refused("moment timestamp.valid", |message| {
        message.moment = moment(1000, -1);
    });
    let span = |seconds, nanos| Some(wkt::Duration { seconds, nanos });
    taken(|message| message.span = span(60, 0));
    refused("span duration.gt_lte", |message| message.span = span(0, 0));
    refused("span duration.gt_lte", |message| message.span = span(60, 1));
    taken(|message| message.mask = Some(wkt::FieldMask::new(["title", "title.text"])));
    refused("mask field_mask.in", |message| {
        message.mask = Some(wkt::FieldMask::new(["titles"]));
    });
}

#[test]
fn everything_wrong_is_told_at_once_and_in_words() {
    let violations = Ruled::default().check().unwrap_err();
    let told: Vec<String> = violations
        .iter()
        .map(|found| format!("{} {}", found.field, found.description))
        .collect();
    assert_eq!(
        told,
        [
            "pattern must match ^[a-z]+-[0-9]{2}$",
            "exact must be \"yes\"",
            "agreed must be true",
            "items must have at least 1 item",
            "item is required",
            "title is required",
            "source is required",
            " one of left, right is required",
        ]
    );
}

#[test]
fn the_list_of_violations_and_the_keys_in_it_are_bounded() {
    let mut message = ruled();
    message.items = vec![item(""); 1_000];
    assert_eq!(message.check().unwrap_err().len(), 32);

    let mut message = ruled();
    message.scores = BTreeMap::from([("k".repeat(10_000), 0)]);
    assert!(message.check().unwrap_err()[0].field.len() < 100);
}

#[test]
fn a_message_of_any_type_is_held_to_its_types() {
    let broken = |url: &str| {
        let any = wkt::Any {
            type_url: url.to_owned(),
            value: Bytes::new(),
        };
        let packed = crate::scratch::Packed { any: Some(any) };
        let found = packed.check().err();
        found.map(|found| {
            found
                .iter()
                .map(|one| one.rule.to_string())
                .collect::<Vec<_>>()
        })
    };
    assert_eq!(broken("type.googleapis.com/a.B"), None);
    assert_eq!(broken("type.googleapis.com/a.C").unwrap(), ["any.in"]);
    assert_eq!(
        broken("type.googleapis.com/a.D").unwrap(),
        ["any.in", "any.not_in"]
    );
}
