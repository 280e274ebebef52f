//! The `grpc-timeout` header: at most eight digits and a unit.
//!
//! Format from the gRPC over HTTP/2 protocol, "Timeout".

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::request_id::once;

/// Carries what is left of the caller's patience.
pub(crate) const GRPC_TIMEOUT: HeaderName = HeaderName::from_static("grpc-timeout");

const MAX_DIGITS: usize = 8;
const MAX_VALUE: u128 = 99_999_999;

/// The header is there but means nothing.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("malformed grpc-timeout")]
pub(crate) struct Malformed;

/// Reads the header; absent is no timeout, twice or odd is malformed.
pub(crate) fn read(headers: &HeaderMap) -> Result<Option<Duration>, Malformed> {
    let mut values = headers.get_all(GRPC_TIMEOUT).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(Malformed);
    }
    parse(value.as_bytes()).map(Some)
}

fn parse(value: &[u8]) -> Result<Duration, Malformed> {
    let (unit, digits) = value.split_last().ok_or(Malformed)?;
    if digits.is_empty() || digits.len() > MAX_DIGITS {
        return Err(Malformed);
    }
    let mut amount = 0_u64;
    for digit in digits {
        // `str::parse` would take a leading plus sign, which the format has not.
        if !digit.is_ascii_digit() {
            return Err(Malformed);
        }
        amount = amount * 10 + u64::from(digit - b'0');
    }
    match unit {
        b'H' => Ok(Duration::from_secs(amount * 3600)),
        b'M' => Ok(Duration::from_secs(amount * 60)),
        b'S' => Ok(Duration::from_secs(amount)),
        b'm' => Ok(Duration::from_millis(amount)),
        b'u' => Ok(Duration::from_micros(amount)),
        b'n' => Ok(Duration::from_nanos(amount)),
        _ => Err(Malformed),
    }
}

/// Writes a timeout in the finest unit that fits, rounding down: promising the
/// next hop more time than there is would make it work for nobody.
pub(crate) fn write(timeout: Duration) -> HeaderValue {
    let units = [(timeout.as_micros(), b'u'), (timeout.as_millis(), b'm')];
    let finest = units.into_iter().find(|(amount, _)| *amount <= MAX_VALUE);
    let (amount, unit) = finest.unwrap_or((u128::from(timeout.as_secs()).min(MAX_VALUE), b'S'));
    // Written by hand, since every call has one.
    let mut text = [unit; MAX_DIGITS + 1];
    let mut left = u32::try_from(amount).unwrap_or(u32::MAX);
    let mut begins = MAX_DIGITS;
    while left > 0 || begins == MAX_DIGITS {
        begins -= 1;
        text[begins] = b"0123456789"[(left % 10) as usize];
        left /= 10;
    }
    let value = HeaderValue::from_bytes(&text[begins..]);
    once(value.expect("digits and a letter are a valid header value"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_unit_is_read() {
        let cases: [(&[u8], Duration); 6] = [
            (b"1H", Duration::from_secs(3600)),
            (b"2M", Duration::from_secs(120)),
            (b"3S", Duration::from_secs(3)),
            (b"4m", Duration::from_millis(4)),
            (b"5u", Duration::from_micros(5)),
            (b"6n", Duration::from_nanos(6)),
        ];
        for (text, expected) in cases {
            assert_eq!(parse(text), Ok(expected));
        }
    }

    #[test]
    fn what_the_format_does_not_know_is_malformed() {
        for text in [
            "",
            "S",
            "5",
            "5s",
            "+5S",
            "-5S",
            " 5S",
            "5 S",
            "123456789S",
            "1.5S",
            "0x1S",
        ] {
            assert_eq!(parse(text.as_bytes()), Err(Malformed), "{text:?}");
        }
    }

    #[test]
    fn two_headers_are_malformed() {
        let mut headers = HeaderMap::new();
        headers.append(GRPC_TIMEOUT, HeaderValue::from_static("1S"));
        headers.append(GRPC_TIMEOUT, HeaderValue::from_static("2S"));
        assert_eq!(read(&headers), Err(Malformed));
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back_no_longer_than_it_was(nanos in 0_u64..100_000_000_000_000_000) {
            let timeout = Duration::from_nanos(nanos);
            let read = parse(write(timeout).as_bytes()).unwrap();
            prop_assert!(read <= timeout);
            prop_assert!(timeout - read < Duration::from_secs(1));
        }

        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..12)) {
            let _ = parse(&bytes);
        }
    }
}
