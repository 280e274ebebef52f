//! Requests that name somebody else's things, made from the contracts.

use bytes::Bytes;
use prost::Message as _;
use prost_reflect::{
    DescriptorPool, DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, Value,
};

use super::base;
use super::things::Things;

/// Messages within messages that are looked into.
const DEPTH: usize = 4;

/// Fields that end like ids and are none of a tenant's.
const NOT_A_TENANTS: [(&str, &str); 5] = [
    ("author_id", "who wrote a rule, told and never taken"),
    ("blocked_image_id", "the platform's own list"),
    ("claim_id", "an edge's word for one request"),
    ("palette_id", "a name from the list that everybody sees"),
    ("rule_id", "the platform's own rules"),
];

/// One request.
pub(super) struct Ask {
    /// The fields that name what is not the caller's: `photo.asset_id`.
    pub(super) foreign: Vec<String>,
    pub(super) message: Bytes,
}

/// The contracts.
pub(super) struct Contracts(DescriptorPool);

impl Contracts {
    pub(super) fn read() -> Self {
        Self(DescriptorPool::decode(covergen_proto::FILE_DESCRIPTOR_SET).expect("they decode"))
    }

    /// Requests of a method: one for each field that names something, in which
    /// this one field is somebody else's, and one in which all are. A method
    /// that takes no name has one request.
    pub(super) fn asks(
        &self,
        method: &covergen_proto::Method,
        own: &Things,
        foreign: &Things,
        key: &str,
    ) -> Vec<Ask> {
        let input = self.0.get_message_by_name(method.input).expect("a message");
        let mut places = Vec::new();
        find(&input, &mut Vec::new(), &mut places);
        let base = || {
            let mut message = base::request(method, &input, own);
            let field = input.get_field_by_name("request_id");
            if let Some(field) = field.filter(|_| !key.is_empty()) {
                message.set_field(&field, Value::String(key.to_owned()));
            }
            message
        };
        let mut asks: Vec<Ask> = places
            .iter()
            .map(|place| {
                let mut message = base();
                put(&mut message, place, foreign.of(&kind(place)));
                ask(&message, vec![name(place)])
            })
            .collect();
        if places.len() != 1 {
            let mut message = base();
            for place in &places {
                put(&mut message, place, foreign.of(&kind(place)));
            }
            asks.push(ask(&message, places.iter().map(name).collect()));
        }
        asks
    }
}

fn ask(message: &DynamicMessage, foreign: Vec<String>) -> Ask {
    Ask {
        foreign,
        message: message.encode_to_vec().into(),
    }
}

/// The way to a field, from the request down.
type Place = Vec<FieldDescriptor>;

fn find(within: &MessageDescriptor, way: &mut Place, found: &mut Vec<Place>) {
    for field in within.fields() {
        way.push(field.clone());
        match field.kind() {
            Kind::String if names_something(within, field.name()) => found.push(way.clone()),
            Kind::Message(inner)
                if way.len() < DEPTH
                    && !field.is_map()
                    && !inner.full_name().starts_with("google.protobuf.") =>
            {
                find(&inner, way, found);
            }
            _ => {}
        }
        way.pop();
    }
}

fn names_something(within: &MessageDescriptor, field: &str) -> bool {
    if field == "id" {
        return within.name() == "User";
    }
    (field.ends_with("_id") || field.ends_with("_ids"))
        && field != "request_id"
        && !NOT_A_TENANTS.iter().any(|(name, _)| *name == field)
}

/// What kind of thing a field names: `asset` for `logo_asset_id`.
fn kind(place: &Place) -> String {
    let name = place.last().expect("a field").name();
    let stem = name.trim_end_matches('s').trim_end_matches("_id");
    match stem {
        "id" => "user",
        "logo_asset" | "avatar_asset" => "asset",
        "default_template" => "template",
        other => other,
    }
    .to_owned()
}

fn name(place: &Place) -> String {
    let names: Vec<&str> = place.iter().map(FieldDescriptor::name).collect();
    names.join(".")
}

fn put(message: &mut DynamicMessage, place: &[FieldDescriptor], id: &str) {
    let (field, rest) = place.split_first().expect("a field");
    let value = message.get_field_mut(field);
    if rest.is_empty() {
        let id = Value::String(id.to_owned());
        *value = if field.is_list() {
            Value::List(vec![id])
        } else {
            id
        };
        return;
    }
    let inner = match value {
        Value::Message(inner) => inner,
        Value::List(items) => {
            if items.is_empty() {
                let Kind::Message(kind) = field.kind() else {
                    unreachable!("a field within is of a message");
                };
                items.push(Value::Message(DynamicMessage::new(kind)));
            }
            items[0].as_message_mut().expect("a message")
        }
        other => unreachable!("{other:?} holds no field"),
    };
    put(inner, rest, id);
}
