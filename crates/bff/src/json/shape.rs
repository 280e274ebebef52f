//! Static tables that describe messages and enums as JSON sees them.

/// The JSON face of one message for one audience: hidden fields are absent.
#[derive(Debug)]
pub struct Shape {
    /// Full protobuf name.
    pub name: &'static str,
    /// Fields in declaration order.
    pub fields: &'static [Field],
}

/// One field of a [`Shape`].
#[derive(Debug)]
pub struct Field {
    /// lowerCamelCase name.
    pub json: &'static str,
    /// Name as declared.
    pub proto: &'static str,
    /// 1-based number of the oneof it belongs to; 0 when it stands alone.
    pub oneof: u8,
    /// JSON `null` is a value here (google.protobuf.Value), not absence.
    pub nullable: bool,
    /// Set by the server; refused in requests.
    pub output_only: bool,
    /// A single message (not a list or map), so that a field mask may go deeper.
    pub single: bool,
    /// The shape of its message, of its elements or of its map's values.
    pub child: Option<&'static Shape>,
}

impl Shape {
    /// Index of the field called `name`, in either spelling.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<usize> {
        self.fields
            .iter()
            .position(|field| field.json == name || field.proto == name)
    }
}

/// Names and numbers of an enum, in declaration order.
#[derive(Debug)]
pub struct Enumeration {
    /// Full protobuf name.
    pub name: &'static str,
    /// Each value's name and number; aliases follow the first name.
    pub values: &'static [(&'static str, i32)],
}

impl Enumeration {
    /// Number of the value called `name`.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<i32> {
        self.values
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, number)| *number)
    }

    /// First name of `number`; none when this build does not know it.
    #[must_use]
    pub fn name_of(&self, number: i32) -> Option<&'static str> {
        self.values
            .iter()
            .find(|(_, known)| *known == number)
            .map(|(name, _)| *name)
    }

    /// The names a caller may choose from, for error texts.
    #[must_use]
    pub fn choices(&self) -> String {
        let names: Vec<&str> = self
            .values
            .iter()
            .filter(|(_, number)| *number != 0)
            .map(|(name, _)| *name)
            .collect();
        names.join(", ")
    }
}
