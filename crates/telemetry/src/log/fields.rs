use std::fmt::{self, Write as _};

use serde_json::Value;
use tracing::field::{Field, Visit};

/// Fields of one span or event that are kept.
const MAX_FIELDS: usize = 64;

/// Bytes of one value that are kept.
const MAX_VALUE_BYTES: usize = 8 * 1024;

/// Where a value was cut off.
const CUT: &str = " … (cut)";

/// Named values as they were recorded, not masked yet. The last value of a
/// name stands.
#[derive(Debug, Default)]
pub(super) struct Fields(Vec<(&'static str, Value)>);

impl Fields {
    pub(super) fn set(&mut self, name: &'static str, value: Value) {
        if let Some(known) = self.0.iter_mut().find(|(known, _)| *known == name) {
            known.1 = value;
        } else if self.0.len() < MAX_FIELDS {
            self.0.push((name, value));
        }
    }

    pub(super) fn merge(&mut self, newer: Self) {
        for (name, value) in newer.0 {
            self.set(name, value);
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        self.0.iter().map(|(name, value)| (*name, value))
    }

    fn set_text(&mut self, field: &Field, text: fmt::Arguments<'_>) {
        let mut bounded = Bounded::default();
        // An error means that the value is full, or that its own formatting
        // failed: what there is stays.
        let _ = bounded.write_fmt(text);
        self.set(field.name(), Value::String(bounded.finish()));
    }
}

impl IntoIterator for Fields {
    type Item = (&'static str, Value);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.set_text(field, format_args!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.set_text(field, format_args!("{value}"));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        let mut text = value.to_string();
        let mut cause = value.source();
        while let Some(error) = cause {
            let _ = write!(text, ": {error}");
            cause = error.source();
        }
        self.set_text(field, format_args!("{text}"));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.set(field.name(), Value::Bool(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.set(field.name(), value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.set(field.name(), value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        // What is not a number has no place in JSON but as text.
        let number = serde_json::Number::from_f64(value).map(Value::Number);
        self.set(
            field.name(),
            number.unwrap_or_else(|| Value::String(value.to_string())),
        );
    }
}

/// Text that stops growing.
#[derive(Default)]
struct Bounded {
    text: String,
    full: bool,
}

impl fmt::Write for Bounded {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        let room = MAX_VALUE_BYTES - self.text.len();
        if more.len() <= room {
            self.text.push_str(more);
            return Ok(());
        }
        self.text.push_str(&more[..more.floor_char_boundary(room)]);
        self.full = true;
        Err(fmt::Error)
    }
}

impl Bounded {
    fn finish(mut self) -> String {
        if self.full {
            // Half an address or half a token would not be known as one.
            let end = self.text.rfind(char::is_whitespace).unwrap_or(0);
            self.text.truncate(end);
            self.text.push_str(CUT);
        }
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_between_words() {
        let mut bounded = Bounded::default();
        let long = format!("{}reader@example.com", "a ".repeat(4_090));
        write!(bounded, "{long}").unwrap_err();
        let text = bounded.finish();
        assert!(text.len() < MAX_VALUE_BYTES + CUT.len());
        assert!(text.ends_with("a … (cut)"), "{}", &text[text.len() - 40..]);
    }

    #[test]
    fn the_number_of_fields_is_bounded() {
        let mut fields = Fields::default();
        for index in 0..MAX_FIELDS + 10 {
            fields.set(format!("field_{index}").leak(), index.into());
        }
        assert_eq!(fields.iter().count(), MAX_FIELDS);
    }
}
