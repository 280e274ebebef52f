//! A pull reader over one JSON document held in memory.

use super::error::position;
use super::shape::{Enumeration, Field, Shape};
use super::{JsonError, JsonErrorKind, MAX_DEPTH, Result};

/// One step from the document's root to the member being read.
#[derive(Debug, Clone)]
enum Step {
    Field(&'static Field),
    Index(usize),
    Key(String),
}

/// Reads one document. Generated code calls the methods in the order of the
/// document; the first error ends the reading.
#[derive(Debug)]
pub struct Reader<'a> {
    pub(super) buf: &'a [u8],
    pub(super) pos: usize,
    depth: u16,
    steps: Vec<Step>,
    /// Field-mask paths of the members seen, when the caller wants them.
    seen_paths: Option<Vec<String>>,
}

/// An object being read: which members were seen.
#[derive(Debug)]
pub struct Object {
    shape: &'static Shape,
    seen: Vec<u64>,
    oneofs: u64,
    first: bool,
}

impl<'a> Reader<'a> {
    /// A reader at the start of `buf`.
    #[must_use]
    pub fn new(buf: &'a [u8]) -> Self {
        // A byte order mark is tolerated (RFC 8259, section 8.1).
        let pos = if buf.starts_with(b"\xef\xbb\xbf") {
            3
        } else {
            0
        };
        Self {
            buf,
            pos,
            depth: 0,
            steps: Vec::new(),
            seen_paths: None,
        }
    }

    /// Also collects the field-mask paths of the members that are present.
    #[must_use]
    pub fn recording(buf: &'a [u8]) -> Self {
        let mut reader = Self::new(buf);
        reader.seen_paths = Some(Vec::new());
        reader
    }

    /// The recorded paths, leaves only: `a` is dropped where `a.b` is present.
    #[must_use]
    pub fn take_paths(&mut self) -> Vec<String> {
        let all = self.seen_paths.take().unwrap_or_default();
        all.iter()
            .filter(|path| {
                let prefix = format!("{path}.");
                !all.iter().any(|other| other.starts_with(&prefix))
            })
            .cloned()
            .collect()
    }

    /// Refuses anything but white space after the document.
    ///
    /// # Errors
    /// When something follows.
    pub fn finish(&mut self) -> Result<()> {
        self.skip_space();
        if self.pos == self.buf.len() {
            Ok(())
        } else {
            Err(self.malformed("something follows the end of the JSON document"))
        }
    }

    /// Enters an object whose members are the fields of `shape`.
    ///
    /// # Errors
    /// When the next value is not an object or is nested too deep.
    pub fn object(&mut self, shape: &'static Shape) -> Result<Object> {
        self.open(b'{', "an object")?;
        Ok(Object {
            shape,
            seen: vec![0; shape.fields.len() / 64 + 1],
            oneofs: 0,
            first: true,
        })
    }

    /// Moves to the next member and answers its index in the shape, or none at
    /// the object's end. Members that are `null` are passed over, as proto3
    /// JSON treats them as absent.
    ///
    /// # Errors
    /// For unknown, repeated or output-only members and for bad syntax.
    pub fn next_field(&mut self, object: &mut Object) -> Result<Option<usize>> {
        loop {
            if !object.first {
                self.steps.pop();
            }
            if !self.member(b'}', object.first)? {
                return Ok(None);
            }
            object.first = false;
            let at = self.pos;
            let name = self.raw_string()?;
            let Some(index) = object.shape.find(&name) else {
                return Err(self.unknown(at, &name));
            };
            let field = &object.shape.fields[index];
            self.steps.push(Step::Field(field));
            self.note_member(object, index, field, at)?;
            self.colon()?;
            if !field.nullable && self.try_null() {
                continue;
            }
            // A null is absent, so it takes no place in a oneof.
            self.note_oneof(object, field, at)?;
            if field.output_only {
                let text = format!("`{}` is set by the server", field.json);
                return Err(self.error(at, JsonErrorKind::OutputOnly, text));
            }
            return Ok(Some(index));
        }
    }

    fn note_member(
        &mut self,
        object: &mut Object,
        index: usize,
        field: &'static Field,
        at: usize,
    ) -> Result<()> {
        let bit = 1_u64 << (index % 64);
        if object.seen[index / 64] & bit != 0 {
            let text = format!("`{}` is given twice", field.json);
            return Err(self.error(at, JsonErrorKind::Duplicate, text));
        }
        object.seen[index / 64] |= bit;
        if self.seen_paths.is_some()
            && let Some(path) = self.mask_path()
            && let Some(paths) = &mut self.seen_paths
        {
            paths.push(path);
        }
        Ok(())
    }

    fn note_oneof(&self, object: &mut Object, field: &Field, at: usize) -> Result<()> {
        if field.oneof == 0 {
            return Ok(());
        }
        let bit = 1_u64 << (field.oneof % 64);
        if object.oneofs & bit != 0 {
            let text = format!("`{}` excludes another member given before it", field.json);
            return Err(self.error(at, JsonErrorKind::Duplicate, text));
        }
        object.oneofs |= bit;
        Ok(())
    }

    /// Field-mask path of the current member; none inside lists and maps,
    /// which a mask names as a whole.
    fn mask_path(&self) -> Option<String> {
        let mut path = String::new();
        for (index, step) in self.steps.iter().enumerate() {
            let Step::Field(field) = step else {
                return None;
            };
            if index > 0 {
                path.push('.');
            }
            path.push_str(field.proto);
        }
        Some(path)
    }

    /// Reads a list, calling `item` for each element.
    ///
    /// # Errors
    /// When the value is not a list, or from `item`.
    pub fn list(&mut self, mut item: impl FnMut(&mut Self) -> Result<()>) -> Result<()> {
        self.open(b'[', "a list")?;
        let mut index = 0;
        while self.member(b']', index == 0)? {
            self.steps.push(Step::Index(index));
            item(self)?;
            self.steps.pop();
            index += 1;
        }
        Ok(())
    }

    /// Reads an object with free keys, calling `entry` with each key; `entry`
    /// answers false when it has met the key before.
    ///
    /// # Errors
    /// When the value is not an object, a key is repeated, or from `entry`.
    pub fn map(&mut self, mut entry: impl FnMut(&mut Self, &str) -> Result<bool>) -> Result<()> {
        self.open(b'{', "an object")?;
        let mut first = true;
        while self.member(b'}', first)? {
            first = false;
            let at = self.pos;
            let key = self.raw_string()?;
            self.colon()?;
            self.steps.push(Step::Key(key.clone()));
            if !entry(self, &key)? {
                let text = format!("the key `{key}` is given twice");
                return Err(self.error(at, JsonErrorKind::Duplicate, text));
            }
            self.steps.pop();
        }
        Ok(())
    }

    /// Takes `null` if it is next.
    pub fn try_null(&mut self) -> bool {
        self.skip_space();
        let is_null = self.buf[self.pos..].starts_with(b"null");
        if is_null {
            self.pos += 4;
        }
        is_null
    }

    /// First byte of the next value; zero at the end of the document.
    #[must_use]
    pub fn peek(&mut self) -> u8 {
        self.skip_space();
        self.buf.get(self.pos).copied().unwrap_or(0)
    }

    /// Reads `true` or `false`.
    ///
    /// # Errors
    /// When the value is neither.
    pub fn bool(&mut self) -> Result<bool> {
        self.skip_space();
        for (word, value) in [(&b"true"[..], true), (b"false", false)] {
            if self.buf[self.pos..].starts_with(word) {
                self.pos += word.len();
                return Ok(value);
            }
        }
        Err(self.wrong_type("true or false"))
    }

    /// Reads an enum value by name, or by number as proto3 JSON allows.
    ///
    /// # Errors
    /// When no value has that name or number.
    pub fn enumeration(&mut self, known: &Enumeration) -> Result<i32> {
        let at = self.pos;
        if self.peek() == b'"' {
            let name = self.raw_string()?;
            return known.number(&name).ok_or_else(|| {
                let text = format!("is not one of {}", known.choices());
                self.error(at, JsonErrorKind::InvalidValue, text)
            });
        }
        let number = self.int32()?;
        if known.name_of(number).is_none() {
            let text = format!("is not one of {}", known.choices());
            return Err(self.error(at, JsonErrorKind::InvalidValue, text));
        }
        Ok(number)
    }

    /// Opens a container, counting depth.
    fn open(&mut self, bracket: u8, what: &str) -> Result<()> {
        if self.peek() != bracket {
            return Err(self.wrong_type(what));
        }
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.malformed(&format!("nesting is deeper than {MAX_DEPTH}")));
        }
        self.pos += 1;
        Ok(())
    }

    /// Moves to the next member of a container; false at its end.
    fn member(&mut self, close: u8, first: bool) -> Result<bool> {
        let next = self.peek();
        if next == close {
            self.pos += 1;
            self.depth -= 1;
            return Ok(false);
        }
        if !first {
            if next != b',' {
                return Err(self.malformed("expected `,` or the end of the list or object"));
            }
            self.pos += 1;
            if self.peek() == close {
                return Err(self.malformed("a comma stands before the end"));
            }
        }
        Ok(true)
    }

    fn colon(&mut self) -> Result<()> {
        if self.peek() != b':' {
            return Err(self.malformed("expected `:` after a name"));
        }
        self.pos += 1;
        Ok(())
    }

    fn skip_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.buf.get(self.pos) {
            self.pos += 1;
        }
    }

    fn unknown(&mut self, at: usize, name: &str) -> JsonError {
        let shown: String = name.chars().take(80).collect();
        let mut error = self.error(
            at,
            JsonErrorKind::UnknownField,
            format!("there is no field `{shown}` here"),
        );
        if !error.field.is_empty() {
            error.field.push('.');
        }
        error.field.push_str(&shown);
        error
    }

    /// An error about the value at the current position.
    pub(super) fn wrong_type(&self, wanted: &str) -> JsonError {
        if self.pos >= self.buf.len() {
            return self.malformed("the document ends too early");
        }
        self.error(
            self.pos,
            JsonErrorKind::InvalidValue,
            format!("must be {wanted}"),
        )
    }

    pub(super) fn malformed(&self, description: &str) -> JsonError {
        self.error(self.pos, JsonErrorKind::Malformed, description.to_owned())
    }

    /// An error at byte `at`, about the current member.
    #[must_use]
    pub(super) fn error(&self, at: usize, kind: JsonErrorKind, description: String) -> JsonError {
        let (line, column) = position(self.buf, at);
        JsonError {
            kind,
            field: self.field_path(),
            description,
            line,
            column,
        }
    }

    /// An error that says the current value is not acceptable.
    #[must_use]
    pub fn invalid(&self, description: impl Into<String>) -> JsonError {
        self.error(self.pos, JsonErrorKind::InvalidValue, description.into())
    }

    fn field_path(&self) -> String {
        let mut path = String::new();
        for step in &self.steps {
            match step {
                Step::Field(field) => {
                    if !path.is_empty() {
                        path.push('.');
                    }
                    path.push_str(field.json);
                }
                Step::Index(index) => path.push_str(&format!("[{index}]")),
                Step::Key(key) => {
                    if !path.is_empty() {
                        path.push('.');
                    }
                    path.extend(key.chars().take(80));
                }
            }
        }
        path
    }
}
