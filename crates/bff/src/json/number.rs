//! Numbers, in the forms that proto3 JSON accepts.

use super::{JsonErrorKind, Reader, Result};

impl<'a> Reader<'a> {
    /// Reads a 32-bit signed integer.
    ///
    /// # Errors
    /// When the value is not a whole number in range.
    pub fn int32(&mut self) -> Result<i32> {
        let (at, value) = self.integer()?;
        i32::try_from(value).map_err(|_| self.out_of_range(at, "-2147483648 to 2147483647"))
    }

    /// Reads a 32-bit unsigned integer.
    ///
    /// # Errors
    /// When the value is not a whole number in range.
    pub fn uint32(&mut self) -> Result<u32> {
        let (at, value) = self.integer()?;
        u32::try_from(value).map_err(|_| self.out_of_range(at, "0 to 4294967295"))
    }

    /// Reads a 64-bit signed integer, as a number or (better) a string.
    ///
    /// # Errors
    /// When the value is not a whole number in range.
    pub fn int64(&mut self) -> Result<i64> {
        let (at, value) = self.integer()?;
        i64::try_from(value).map_err(|_| self.out_of_range(at, "a signed 64-bit number"))
    }

    /// Reads a 64-bit unsigned integer, as a number or (better) a string.
    ///
    /// # Errors
    /// When the value is not a whole number in range.
    pub fn uint64(&mut self) -> Result<u64> {
        let (at, value) = self.integer()?;
        u64::try_from(value).map_err(|_| self.out_of_range(at, "an unsigned 64-bit number"))
    }

    /// Reads a double; the strings `NaN`, `Infinity` and `-Infinity` count.
    ///
    /// # Errors
    /// When the value is not a number or is too large.
    pub fn double(&mut self) -> Result<f64> {
        let (at, token) = self.number_token()?;
        match token {
            "NaN" => return Ok(f64::NAN),
            "Infinity" => return Ok(f64::INFINITY),
            "-Infinity" => return Ok(f64::NEG_INFINITY),
            _ => {}
        }
        match token.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(value),
            _ => Err(self.out_of_range(at, "a finite number")),
        }
    }

    /// Reads a float, as [`double`](Self::double) does.
    ///
    /// # Errors
    /// When the value is not a number or does not fit.
    pub fn float(&mut self) -> Result<f32> {
        let at = self.pos;
        let wide = self.double()?;
        #[allow(clippy::cast_possible_truncation)]
        let narrow = wide as f32;
        if wide.is_finite() && !narrow.is_finite() {
            return Err(self.out_of_range(at, "a 32-bit floating-point number"));
        }
        Ok(narrow)
    }

    fn integer(&mut self) -> Result<(usize, i128)> {
        let (at, token) = self.number_token()?;
        let whole = token.parse::<i128>().ok().or_else(|| whole_float(token));
        match whole {
            Some(value) => Ok((at, value)),
            None => Err(self.error(
                at,
                JsonErrorKind::InvalidValue,
                "must be a whole number".to_owned(),
            )),
        }
    }

    fn out_of_range(&self, at: usize, range: &str) -> super::JsonError {
        self.error(
            at,
            JsonErrorKind::InvalidValue,
            format!("must be in the range of {range}"),
        )
    }

    /// Takes a number token, bare or quoted; answers where it began. The
    /// token obeys JSON's grammar, or is one of the three named floats when
    /// it was quoted.
    fn number_token(&mut self) -> Result<(usize, &'a str)> {
        let quoted = self.peek() == b'"';
        if quoted {
            self.pos += 1;
        }
        let start = self.pos;
        while let Some(byte) = self.buf.get(self.pos) {
            let belongs = byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.');
            if !belongs {
                break;
            }
            self.pos += 1;
        }
        let token = std::str::from_utf8(&self.buf[start..self.pos]).unwrap_or_default();
        if quoted {
            if self.buf.get(self.pos) != Some(&b'"') {
                self.pos = start;
                return Err(self.wrong_type("a number"));
            }
            self.pos += 1;
        }
        let named = quoted && matches!(token, "NaN" | "Infinity" | "-Infinity");
        if named || is_json_number(token) {
            return Ok((start, token));
        }
        self.pos = start;
        if matches!(token, "NaN" | "Infinity" | "-Infinity") {
            return Err(self.malformed("JSON has no such number; quote it where it is allowed"));
        }
        Err(self.wrong_type("a number"))
    }
}

/// `1.0`, `1e2` and the like, where they are whole and exact.
fn whole_float(token: &str) -> Option<i128> {
    let value: f64 = token.parse().ok()?;
    let exact = value.is_finite() && value.fract() == 0.0 && value.abs() < 9_007_199_254_740_992.0;
    #[allow(clippy::cast_possible_truncation)]
    exact.then_some(value as i128)
}

/// The grammar of RFC 8259, section 6.
fn is_json_number(token: &str) -> bool {
    let rest = token.strip_prefix('-').unwrap_or(token);
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 || (digits > 1 && rest.starts_with('0')) {
        return false;
    }
    let mut rest = &rest[digits..];
    if let Some(fraction) = rest.strip_prefix('.') {
        let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 {
            return false;
        }
        rest = &fraction[digits..];
    }
    let Some(exponent) = rest.strip_prefix(['e', 'E']) else {
        return rest.is_empty();
    };
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    !exponent.is_empty() && exponent.bytes().all(|byte| byte.is_ascii_digit())
}
