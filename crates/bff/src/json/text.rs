//! Strings and bytes.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::{JsonError, JsonErrorKind, Reader, Result};

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// Decodes base64 in either alphabet, padded or not.
pub(crate) fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let url_safe = text.bytes().any(|byte| byte == b'-' || byte == b'_');
    let engine = if url_safe { &URL_SAFE } else { &STANDARD };
    engine.decode(text).ok()
}

impl Reader<'_> {
    /// Reads a string field. U+0000 is refused: no field has a use for it and
    /// databases differ in what they do with it.
    ///
    /// # Errors
    /// When the value is not a string or is badly formed.
    pub fn string(&mut self) -> Result<String> {
        let at = self.pos;
        let text = self.raw_string()?;
        if text.contains('\0') {
            let text = "must not contain U+0000".to_owned();
            return Err(self.error(at, JsonErrorKind::InvalidValue, text));
        }
        Ok(text)
    }

    /// Reads bytes from base64, standard or URL-safe, padded or not.
    ///
    /// # Errors
    /// When the value is not a string of base64.
    pub fn bytes(&mut self) -> Result<Vec<u8>> {
        let at = self.pos;
        let text = self.raw_string()?;
        decode_base64(&text).ok_or_else(|| {
            let text = "is not base64".to_owned();
            self.error(at, JsonErrorKind::InvalidValue, text)
        })
    }

    /// Reads any JSON string.
    pub(super) fn raw_string(&mut self) -> Result<String> {
        if self.peek() != b'"' {
            return Err(self.wrong_type("a string"));
        }
        self.pos += 1;
        let start = self.pos;
        let plain = self.plain_run();
        if self.buf.get(self.pos) == Some(&b'"') {
            let text = self.utf8(start, plain)?.to_owned();
            self.pos += 1;
            return Ok(text);
        }
        let mut out = self.utf8(start, plain)?.to_owned();
        loop {
            match self.buf.get(self.pos) {
                Some(b'"') => {
                    self.pos += 1;
                    return Ok(out);
                }
                Some(b'\\') => {
                    self.pos += 1;
                    out.push(self.escape()?);
                }
                Some(byte) if *byte < 0x20 => {
                    return Err(self.malformed("a control character stands in a string"));
                }
                Some(_) => {
                    let start = self.pos;
                    let end = self.plain_run();
                    out.push_str(self.utf8(start, end)?);
                }
                None => return Err(self.malformed("a string is not closed")),
            }
        }
    }

    /// Passes over bytes that stand for themselves; answers where they end.
    fn plain_run(&mut self) -> usize {
        while let Some(byte) = self.buf.get(self.pos) {
            if *byte == b'"' || *byte == b'\\' || *byte < 0x20 {
                break;
            }
            self.pos += 1;
        }
        self.pos
    }

    fn utf8(&self, start: usize, end: usize) -> Result<&str> {
        std::str::from_utf8(&self.buf[start..end]).map_err(|error| {
            let at = start + error.valid_up_to();
            self.error(
                at,
                JsonErrorKind::Malformed,
                "the text is not UTF-8".to_owned(),
            )
        })
    }

    fn escape(&mut self) -> Result<char> {
        let Some(kind) = self.buf.get(self.pos).copied() else {
            return Err(self.malformed("a string is not closed"));
        };
        self.pos += 1;
        Ok(match kind {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode_escape(),
            _ => return Err(self.malformed("an escape is not one that JSON has")),
        })
    }

    fn unicode_escape(&mut self) -> Result<char> {
        let first = self.hex4()?;
        if !(0xd800..0xe000).contains(&first) {
            return char::from_u32(first).ok_or_else(|| self.lone_surrogate());
        }
        let is_high = first < 0xdc00;
        if !is_high || !self.buf[self.pos..].starts_with(b"\\u") {
            return Err(self.lone_surrogate());
        }
        self.pos += 2;
        let second = self.hex4()?;
        if !(0xdc00..0xe000).contains(&second) {
            return Err(self.lone_surrogate());
        }
        let code = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
        char::from_u32(code).ok_or_else(|| self.lone_surrogate())
    }

    fn lone_surrogate(&self) -> JsonError {
        self.malformed("an escape names half of a surrogate pair")
    }

    fn hex4(&mut self) -> Result<u32> {
        let digits = self.buf.get(self.pos..self.pos + 4);
        let value = digits
            .filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let Some(value) = value else {
            return Err(self.malformed("an escape needs four hexadecimal digits"));
        };
        self.pos += 4;
        Ok(value)
    }
}
