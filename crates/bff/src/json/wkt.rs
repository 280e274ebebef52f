//! Well-known types: timestamps, durations and field masks as text.
//!
//! Functions speak seconds and nanoseconds rather than message types, so that
//! this crate depends on no generated code.

use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, UtcOffset};

use super::{JsonErrorKind, Reader, Result};

/// Longest duration that protobuf allows, in seconds (10,000 years).
const MAX_DURATION_SECONDS: i64 = 315_576_000_000;

/// Parses RFC 3339 into seconds and nanoseconds since the Unix epoch.
#[must_use]
pub fn timestamp_from_text(text: &str) -> Option<(i64, i32)> {
    let time = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    let time = time.checked_to_offset(UtcOffset::UTC)?;
    let in_range = (1..=9999).contains(&time.year());
    let nanos = i32::try_from(time.nanosecond()).ok()?;
    in_range.then_some((time.unix_timestamp(), nanos))
}

/// RFC 3339 in UTC with 0, 3, 6 or 9 digits of fraction; none outside the
/// years 1 to 9999.
#[must_use]
pub fn timestamp_to_text(seconds: i64, nanos: i32) -> Option<String> {
    let time = OffsetDateTime::from_unix_timestamp(seconds).ok()?;
    if !(1..=9999).contains(&time.year()) || !(0..1_000_000_000).contains(&nanos) {
        return None;
    }
    let fraction = fraction(nanos.unsigned_abs());
    Some(format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{fraction}Z",
        time.year(),
        u8::from(time.month()),
        time.day(),
        time.hour(),
        time.minute(),
        time.second(),
    ))
}

/// Parses `3.5s` into seconds and nanoseconds of one sign.
#[must_use]
pub fn duration_from_text(text: &str) -> Option<(i64, i32)> {
    let number = text.strip_suffix('s')?;
    let (negative, number) = match number.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, number),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || fraction.len() > 9 {
        return None;
    }
    let seconds: i64 = whole.parse().ok()?;
    let nanos: i32 = format!("{fraction:0<9}").parse().ok()?;
    if seconds > MAX_DURATION_SECONDS {
        return None;
    }
    Some(if negative {
        (-seconds, -nanos)
    } else {
        (seconds, nanos)
    })
}

/// Seconds with an `s`, with 0, 3, 6 or 9 digits of fraction.
#[must_use]
pub fn duration_to_text(seconds: i64, nanos: i32) -> String {
    let sign = if seconds < 0 || nanos < 0 { "-" } else { "" };
    let fraction = fraction(nanos.unsigned_abs());
    format!("{sign}{}{fraction}s", seconds.unsigned_abs())
}

fn fraction(nanos: u32) -> String {
    match nanos {
        0 => String::new(),
        n if n % 1_000_000 == 0 => format!(".{:03}", n / 1_000_000),
        n if n % 1_000 == 0 => format!(".{:06}", n / 1_000),
        n => format!(".{n:09}"),
    }
}

/// Parses `displayName,address.postCode` into `display_name`, `address.post_code`.
#[must_use]
pub fn field_mask_from_text(text: &str) -> Option<Vec<String>> {
    if text.is_empty() {
        return Some(Vec::new());
    }
    text.split(',')
        .map(|path| snake_path(path.trim()))
        .collect()
}

fn snake_path(path: &str) -> Option<String> {
    let well_formed = !path.is_empty()
        && !path.starts_with('.')
        && !path.ends_with('.')
        && !path.contains("..")
        && path
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'_');
    if !well_formed {
        return None;
    }
    let mut out = String::with_capacity(path.len() + 4);
    for letter in path.chars() {
        if letter.is_ascii_uppercase() {
            out.push('_');
        }
        out.push(letter.to_ascii_lowercase());
    }
    Some(out)
}

/// Paths in lowerCamelCase, joined by commas.
#[must_use]
pub fn field_mask_to_text(paths: &[String]) -> String {
    let mut out = String::new();
    for (index, path) in paths.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        let mut upper = false;
        for letter in path.chars() {
            if letter == '_' {
                upper = true;
            } else if upper {
                out.push(letter.to_ascii_uppercase());
                upper = false;
            } else {
                out.push(letter);
            }
        }
    }
    out
}

impl Reader<'_> {
    /// Reads a google.protobuf.Timestamp.
    ///
    /// # Errors
    /// When the value is not an RFC 3339 string.
    pub fn timestamp(&mut self) -> Result<(i64, i32)> {
        self.parsed(timestamp_from_text, "an RFC 3339 time")
    }

    /// Reads a google.protobuf.Duration.
    ///
    /// # Errors
    /// When the value is not a string such as `3.5s`.
    pub fn duration(&mut self) -> Result<(i64, i32)> {
        self.parsed(duration_from_text, "a duration such as 3.5s")
    }

    /// Reads a google.protobuf.FieldMask.
    ///
    /// # Errors
    /// When the value is not a string of comma-separated paths.
    pub fn field_mask(&mut self) -> Result<Vec<String>> {
        self.parsed(field_mask_from_text, "field names separated by commas")
    }

    fn parsed<T>(&mut self, parse: fn(&str) -> Option<T>, wanted: &str) -> Result<T> {
        let at = self.pos;
        let text = self.raw_string()?;
        parse(&text).ok_or_else(|| {
            let text = format!("must be {wanted}");
            self.error(at, JsonErrorKind::InvalidValue, text)
        })
    }
}
