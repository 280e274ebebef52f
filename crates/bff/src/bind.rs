//! Fields filled from text: path variables, query parameters and headers.

use std::borrow::Cow;

use crate::json::{
    Enumeration, decode_base64, duration_from_text, field_mask_from_text, timestamp_from_text,
};
use crate::problem::Problem;

/// One value presented as text, with the name to use in an error.
#[derive(Debug, Clone)]
pub struct Text<'a> {
    name: Cow<'a, str>,
    value: Cow<'a, str>,
}

impl<'a> Text<'a> {
    /// A value under the name its sender used.
    pub fn new(name: impl Into<Cow<'a, str>>, value: impl Into<Cow<'a, str>>) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
        }
    }

    fn invalid(&self, wanted: &str) -> Problem {
        Problem::invalid_field(
            "INVALID_VALUE",
            self.name.clone(),
            format!("must be {wanted}"),
        )
    }

    fn parsed<T>(&self, wanted: &str) -> Result<T, Problem>
    where
        T: std::str::FromStr,
    {
        // `FromStr` of numbers takes a leading plus, which JSON does not.
        let plain = !self.value.starts_with('+');
        let value = plain.then(|| self.value.parse().ok()).flatten();
        value.ok_or_else(|| self.invalid(wanted))
    }

    /// The text itself.
    ///
    /// # Errors
    /// When it contains U+0000.
    pub fn string(self) -> Result<String, Problem> {
        if self.value.contains('\0') {
            return Err(self.invalid("text without U+0000"));
        }
        Ok(self.value.into_owned())
    }

    /// `true` or `false`.
    ///
    /// # Errors
    /// When it is neither.
    pub fn bool(self) -> Result<bool, Problem> {
        match &*self.value {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(self.invalid("true or false")),
        }
    }

    /// A 32-bit signed integer.
    ///
    /// # Errors
    /// When it is not one.
    pub fn int32(self) -> Result<i32, Problem> {
        self.parsed("a whole number from -2147483648 to 2147483647")
    }

    /// A 32-bit unsigned integer.
    ///
    /// # Errors
    /// When it is not one.
    pub fn uint32(self) -> Result<u32, Problem> {
        self.parsed("a whole number from 0 to 4294967295")
    }

    /// A 64-bit signed integer.
    ///
    /// # Errors
    /// When it is not one.
    pub fn int64(self) -> Result<i64, Problem> {
        self.parsed("a whole number of 64 bits")
    }

    /// A 64-bit unsigned integer.
    ///
    /// # Errors
    /// When it is not one.
    pub fn uint64(self) -> Result<u64, Problem> {
        self.parsed("a whole number of 64 bits, not below zero")
    }

    /// A double; `NaN`, `Infinity` and `-Infinity` count, as in JSON strings.
    ///
    /// # Errors
    /// When it is not one, or too large to be one.
    pub fn double(self) -> Result<f64, Problem> {
        match &*self.value {
            "NaN" => return Ok(f64::NAN),
            "Infinity" => return Ok(f64::INFINITY),
            "-Infinity" => return Ok(f64::NEG_INFINITY),
            _ => {}
        }
        let value: f64 = self.parsed("a number")?;
        if value.is_finite() {
            Ok(value)
        } else {
            Err(self.invalid("a finite number"))
        }
    }

    /// A float.
    ///
    /// # Errors
    /// When it is not one, or too large to be one.
    pub fn float(self) -> Result<f32, Problem> {
        let copy = self.clone();
        let wide = self.double()?;
        #[allow(clippy::cast_possible_truncation)]
        let narrow = wide as f32;
        if wide.is_finite() && !narrow.is_finite() {
            return Err(copy.invalid("a 32-bit floating-point number"));
        }
        Ok(narrow)
    }

    /// An enum value, by name. Bodies take numbers as well, as proto3 JSON has
    /// it; here a number is what documents do not know.
    ///
    /// # Errors
    /// When no value has that name.
    pub fn enumeration(self, known: &Enumeration) -> Result<i32, Problem> {
        let number = known.number(&self.value);
        number.ok_or_else(|| self.invalid(&format!("one of {}", known.choices())))
    }

    /// Bytes from base64, either alphabet.
    ///
    /// # Errors
    /// When it is not base64.
    pub fn bytes(self) -> Result<Vec<u8>, Problem> {
        decode_base64(&self.value).ok_or_else(|| self.invalid("base64"))
    }

    /// Seconds and nanoseconds from RFC 3339.
    ///
    /// # Errors
    /// When it is not an RFC 3339 time.
    pub fn timestamp(self) -> Result<(i64, i32), Problem> {
        timestamp_from_text(&self.value).ok_or_else(|| self.invalid("an RFC 3339 time"))
    }

    /// Seconds and nanoseconds from a text such as `3.5s`.
    ///
    /// # Errors
    /// When it is not such a text.
    pub fn duration(self) -> Result<(i64, i32), Problem> {
        duration_from_text(&self.value).ok_or_else(|| self.invalid("a duration such as 3.5s"))
    }

    /// Paths from names separated by commas.
    ///
    /// # Errors
    /// When a name is not well formed.
    pub fn field_mask(self) -> Result<Vec<String>, Problem> {
        field_mask_from_text(&self.value)
            .ok_or_else(|| self.invalid("field names separated by commas"))
    }
}
