//! Codes of an authenticator app (RFC 6238): HMAC-SHA-1, six digits, thirty
//! seconds, which is what every app can do.

use ring::hmac;

pub(crate) const DIGITS: i32 = 6;
pub(crate) const PERIOD_SECONDS: i64 = 30;
/// Steps before and after now that are taken: people's clocks differ, and
/// typing takes time.
const SKEW_STEPS: i64 = 1;
/// As many bytes as SHA-1 gives (RFC 4226, R6).
const SECRET_BYTES: usize = 20;
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

pub(crate) fn new_secret() -> Vec<u8> {
    rand::random::<[u8; SECRET_BYTES]>().to_vec()
}

/// The step whose code was typed, if it is a near one and later than
/// `last_step`: a step works once.
pub(crate) fn matching_step(
    secret: &[u8],
    typed: &str,
    now_ms: i64,
    last_step: i64,
) -> Option<i64> {
    let typed: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    let now = now_ms.div_euclid(1000).div_euclid(PERIOD_SECONDS);
    let mut found = None;
    // Every step is compared, and each in constant time, so that nothing is
    // learnt from how long it took.
    for step in now - SKEW_STEPS..=now + SKEW_STEPS {
        let same = constant_time_eq(code(secret, step).as_bytes(), typed.as_bytes());
        if same && step > last_step {
            found = Some(step);
        }
    }
    found
}

/// Whether two texts are equal, without telling where they differ.
pub(crate) fn constant_time_eq(left: &[u8], right: &[u8]) -> bool {
    left.len() == right.len()
        && left
            .iter()
            .zip(right)
            .fold(0u8, |seen, (a, b)| seen | (a ^ b))
            == 0
}

/// The code of a step.
pub(crate) fn code(secret: &[u8], step: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let bytes = tag.as_ref();
    let at = usize::from(bytes[bytes.len() - 1] & 0x0f);
    let number = u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
    format!("{:06}", (number & 0x7fff_ffff) % 1_000_000)
}

/// The secret as people type it (RFC 4648, without padding).
pub(crate) fn base32(secret: &[u8]) -> String {
    let mut text = String::new();
    let (mut buffer, mut bits) = (0u32, 0u32);
    for byte in secret {
        buffer = (buffer << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(char::from(BASE32[((buffer >> bits) & 31) as usize]));
        }
    }
    if bits > 0 {
        text.push(char::from(BASE32[((buffer << (5 - bits)) & 31) as usize]));
    }
    text
}

/// What an authenticator app scans.
pub(crate) fn uri(secret: &[u8], account: &str) -> String {
    let account: String = url::form_urlencoded::byte_serialize(account.as_bytes()).collect();
    // Apps take %20 for a space, not the plus of forms.
    let account = account.replace('+', "%20");
    format!(
        "otpauth://totp/Covergen:{account}?secret={}&issuer=Covergen&algorithm=SHA1&digits={DIGITS}&period={PERIOD_SECONDS}",
        base32(secret)
    )
}

#[cfg(test)]
mod tests {
    use super::{base32, code, matching_step, uri};

    const SECRET: &[u8] = b"12345678901234567890";

    #[test]
    fn the_codes_are_those_of_rfc_6238() {
        // Appendix B, SHA-1, the last six of its eight digits.
        for (seconds, expected) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code(SECRET, seconds / 30), expected, "{seconds}");
        }
    }

    #[test]
    fn a_step_is_taken_once_and_not_from_afar() {
        let now_ms = 1_111_111_111_000;
        let step = now_ms / 30_000;
        let spaced = format!(" {} ", code(SECRET, step));
        assert_eq!(matching_step(SECRET, &spaced, now_ms, 0), Some(step));
        assert_eq!(matching_step(SECRET, &spaced, now_ms, step), None);
        let earlier = code(SECRET, step - 1);
        assert_eq!(matching_step(SECRET, &earlier, now_ms, 0), Some(step - 1));
        assert_eq!(
            matching_step(SECRET, &code(SECRET, step - 2), now_ms, 0),
            None
        );
        assert_eq!(
            matching_step(SECRET, &code(SECRET, step + 2), now_ms, 0),
            None
        );
        assert_eq!(matching_step(SECRET, "", now_ms, 0), None);
    }

    #[test]
    fn secrets_read_as_rfc_4648_writes_them() {
        for (plain, expected) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(base32(plain.as_bytes()), expected);
        }
        let uri = uri(SECRET, "ada lovelace@example.org");
        assert!(uri.starts_with("otpauth://totp/Covergen:ada%20lovelace%40example.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&"), "{uri}");
    }
}
