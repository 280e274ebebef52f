//! Writes proto3 JSON straight into bytes, leaving out what a projection
//! does not want.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::wkt::{duration_to_text, field_mask_to_text, timestamp_to_text};
use super::{Enumeration, Projection};

/// Writes one document. Generated code calls `field` before every member and
/// writes the value only when it answers true.
#[derive(Debug, Default)]
pub struct Writer {
    out: Vec<u8>,
    /// Whether the innermost container has a member yet, outermost first.
    filled: Vec<bool>,
    projection: Option<Projection>,
    /// Projection node of each open object; none where everything is wanted.
    nodes: Vec<Option<usize>>,
    /// Node that the next object to open stands at.
    next: Option<usize>,
    /// Members of the outermost object that are left out.
    omitted: Vec<&'static str>,
}

impl Writer {
    /// A writer of whole answers.
    #[must_use]
    pub fn new() -> Self {
        Self {
            out: Vec::with_capacity(512),
            ..Self::default()
        }
    }

    /// A writer that keeps to `projection` and leaves out the `omitted`
    /// members of the outermost object.
    #[must_use]
    pub fn projecting(projection: Option<Projection>, omitted: Vec<&'static str>) -> Self {
        Self {
            next: projection.as_ref().map(|_| 0),
            projection,
            omitted,
            ..Self::new()
        }
    }

    /// Begins anew, with the same projection and omissions.
    pub fn restart(&mut self) {
        self.out.clear();
        self.filled.clear();
        self.nodes.clear();
        self.next = self.projection.as_ref().map(|_| 0);
    }

    /// The document.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.out
    }

    /// Opens an object.
    pub fn begin_object(&mut self) {
        self.out.push(b'{');
        self.filled.push(false);
        self.nodes.push(self.next.take());
    }

    /// Closes an object.
    pub fn end_object(&mut self) {
        self.out.push(b'}');
        self.filled.pop();
        self.nodes.pop();
    }

    /// Writes the member's name and answers true, or answers false when the
    /// member is not wanted.
    pub fn field(&mut self, name: &'static str) -> bool {
        if self.nodes.len() == 1 && self.omitted.contains(&name) {
            return false;
        }
        if let (Some(projection), Some(Some(node))) = (&self.projection, self.nodes.last()) {
            match projection.look(*node, name) {
                None => return false,
                Some(below) => self.next = below,
            }
        }
        self.comma();
        self.out.push(b'"');
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
        true
    }

    /// Writes a key of a map.
    pub fn key(&mut self, key: &str) {
        self.comma();
        self.string(key);
        self.out.push(b':');
    }

    fn comma(&mut self) {
        if let Some(filled) = self.filled.last_mut() {
            if *filled {
                self.out.push(b',');
            }
            *filled = true;
        }
    }

    /// Writes a list; every element sees the same projection.
    pub fn list<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        mut item: impl FnMut(&mut Self, T),
    ) {
        let node = self.open_list();
        for value in items {
            self.next_element(node);
            item(self, value);
        }
        self.close_list();
    }

    /// Opens a list; what it answers is for [`Writer::next_element`].
    pub(super) fn open_list(&mut self) -> Option<usize> {
        self.out.push(b'[');
        self.filled.push(false);
        self.next.take()
    }

    /// Goes on to the next element of the innermost list.
    pub(super) fn next_element(&mut self, node: Option<usize>) {
        self.comma();
        self.next = node;
    }

    /// Closes the innermost list.
    pub(super) fn close_list(&mut self) {
        self.next = None;
        self.filled.pop();
        self.out.push(b']');
    }

    /// Writes a map in the order given; every value sees the same projection.
    pub fn map<K: AsRef<str>, V>(
        &mut self,
        entries: impl IntoIterator<Item = (K, V)>,
        mut value: impl FnMut(&mut Self, V),
    ) {
        let node = self.next.take();
        self.out.push(b'{');
        self.filled.push(false);
        for (key, entry) in entries {
            self.key(key.as_ref());
            self.next = node;
            value(self, entry);
        }
        self.next = None;
        self.filled.pop();
        self.out.push(b'}');
    }

    /// Writes `null`.
    pub fn null(&mut self) {
        self.raw("null");
    }

    /// Writes a boolean.
    pub fn bool(&mut self, value: bool) {
        self.raw(if value { "true" } else { "false" });
    }

    /// Writes a 32-bit signed integer.
    pub fn int32(&mut self, value: i32) {
        self.raw(itoa::Buffer::new().format(value));
    }

    /// Writes a 32-bit unsigned integer.
    pub fn uint32(&mut self, value: u32) {
        self.raw(itoa::Buffer::new().format(value));
    }

    /// Writes a 64-bit signed integer, as a string.
    pub fn int64(&mut self, value: i64) {
        self.out.push(b'"');
        self.raw(itoa::Buffer::new().format(value));
        self.out.push(b'"');
    }

    /// Writes a 64-bit unsigned integer, as a string.
    pub fn uint64(&mut self, value: u64) {
        self.out.push(b'"');
        self.raw(itoa::Buffer::new().format(value));
        self.out.push(b'"');
    }

    /// Writes a double.
    pub fn double(&mut self, value: f64) {
        if value.is_finite() {
            self.raw(
                &serde_json::Number::from_f64(value)
                    .map_or_else(|| "0".to_owned(), |number| number.to_string()),
            );
        } else {
            self.raw(named_float(value));
        }
    }

    /// Writes a float in the fewest digits that read back as the same float.
    pub fn float(&mut self, value: f32) {
        if value.is_finite() {
            self.raw(&value.to_string());
        } else {
            self.raw(named_float(f64::from(value)));
        }
    }

    /// Writes an enum value by name; a number that this build does not know
    /// is written as it is.
    pub fn enumeration(&mut self, value: i32, known: &Enumeration) {
        match known.name_of(value) {
            Some(name) => {
                self.out.push(b'"');
                self.raw(name);
                self.out.push(b'"');
            }
            None => self.int32(value),
        }
    }

    /// Writes bytes as standard base64.
    pub fn bytes(&mut self, value: &[u8]) {
        self.out.push(b'"');
        let text = STANDARD.encode(value);
        self.raw(&text);
        self.out.push(b'"');
    }

    /// Writes a google.protobuf.Timestamp; one that has no text is null.
    pub fn timestamp(&mut self, seconds: i64, nanos: i32) {
        match timestamp_to_text(seconds, nanos) {
            Some(text) => self.string(&text),
            None => self.null(),
        }
    }

    /// Writes a google.protobuf.Duration.
    pub fn duration(&mut self, seconds: i64, nanos: i32) {
        self.string(&duration_to_text(seconds, nanos));
    }

    /// Writes a google.protobuf.FieldMask.
    pub fn field_mask(&mut self, paths: &[String]) {
        self.string(&field_mask_to_text(paths));
    }

    /// Writes a string with what JSON, and a `<script>` element, must escape.
    pub fn string(&mut self, value: &str) {
        self.out.push(b'"');
        let bytes = value.as_bytes();
        let mut start = 0;
        for (index, byte) in bytes.iter().enumerate() {
            let escape: &[u8] = match byte {
                b'"' => b"\\\"",
                b'\\' => b"\\\\",
                b'\n' => b"\\n",
                b'\r' => b"\\r",
                b'\t' => b"\\t",
                b'<' => b"\\u003c",
                0..=0x1f | 0x7f => b"",
                _ => continue,
            };
            self.out.extend_from_slice(&bytes[start..index]);
            if escape.is_empty() {
                let text = format!("\\u{byte:04x}");
                self.out.extend_from_slice(text.as_bytes());
            } else {
                self.out.extend_from_slice(escape);
            }
            start = index + 1;
        }
        self.out.extend_from_slice(&bytes[start..]);
        self.out.push(b'"');
    }

    fn raw(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }
}

fn named_float(value: f64) -> &'static str {
    if value.is_nan() {
        "\"NaN\""
    } else if value > 0.0 {
        "\"Infinity\""
    } else {
        "\"-Infinity\""
    }
}
