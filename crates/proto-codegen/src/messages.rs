//! Walks over messages.

use std::collections::HashSet;

use prost_reflect::{EnumDescriptor, FileDescriptor, Kind, MessageDescriptor};

/// Every message of a file with those inside it, outer before inner, without
/// the entries of maps.
pub(crate) fn of_file(file: &FileDescriptor) -> Vec<MessageDescriptor> {
    let mut found = Vec::new();
    for message in file.messages() {
        collect(&message, &mut found);
    }
    found
}

fn collect(message: &MessageDescriptor, found: &mut Vec<MessageDescriptor>) {
    if message.is_map_entry() {
        return;
    }
    found.push(message.clone());
    for child in message.child_messages() {
        collect(&child, found);
    }
}

/// Every enum of a file, those of the file first.
pub(crate) fn enums_of_file(file: &FileDescriptor) -> Vec<EnumDescriptor> {
    let mut found: Vec<EnumDescriptor> = file.enums().collect();
    for message in of_file(file) {
        found.extend(message.child_enums());
    }
    found
}

/// `test` holds for the message or for one that it can contain.
pub(crate) fn reaches(
    message: &MessageDescriptor,
    test: &dyn Fn(&MessageDescriptor) -> bool,
) -> bool {
    let mut seen = HashSet::new();
    let mut waiting = vec![message.clone()];
    while let Some(next) = waiting.pop() {
        if !seen.insert(next.full_name().to_owned()) {
            continue;
        }
        if test(&next) {
            return true;
        }
        waiting.extend(next.fields().filter_map(|field| match field.kind() {
            Kind::Message(inner) => Some(inner),
            _ => None,
        }));
    }
    false
}
