//! Strings that are the text of something.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::uri;
use crate::validate::{Path, Violation, violated};

/// What a string is the text of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StringFormat {
    /// An e-mail address as the HTML standard has it.
    Email,
    /// A host name: RFC 1123 labels, with the last not all digits.
    Hostname,
    /// An IP address of either version.
    Ip,
    /// An IPv4 address.
    Ipv4,
    /// An IPv6 address.
    Ipv6,
    /// An absolute URI by RFC 3986.
    Uri,
    /// A URI or a relative reference by RFC 3986.
    UriRef,
    /// A UUID with dashes.
    Uuid,
    /// A UUID without dashes.
    Tuuid,
}

impl StringFormat {
    /// Whether `text` has the format.
    pub(super) fn is_match(self, text: &str) -> bool {
        match self {
            Self::Email => is_email(text),
            Self::Hostname => is_hostname(text),
            Self::Ip => text.parse::<IpAddr>().is_ok(),
            Self::Ipv4 => text.parse::<Ipv4Addr>().is_ok(),
            Self::Ipv6 => text.parse::<Ipv6Addr>().is_ok(),
            Self::Uri => uri::is_uri(text),
            Self::UriRef => uri::is_uri(text) || uri::is_relative(text),
            Self::Uuid => is_uuid(text),
            Self::Tuuid => text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit()),
        }
    }

    /// Notes that a value has not the format.
    pub(super) fn note(self, empty: bool, path: &Path<'_>, out: &mut Vec<Violation>) {
        let (rule, rule_if_empty, noun) = match self {
            Self::Email => ("string.email", "string.email_empty", "an e-mail address"),
            Self::Hostname => ("string.hostname", "string.hostname_empty", "a host name"),
            Self::Ip => ("string.ip", "string.ip_empty", "an IP address"),
            Self::Ipv4 => ("string.ipv4", "string.ipv4_empty", "an IPv4 address"),
            Self::Ipv6 => ("string.ipv6", "string.ipv6_empty", "an IPv6 address"),
            Self::Uri => ("string.uri", "string.uri_empty", "a URI"),
            Self::UriRef => (
                "string.uri_ref",
                "string.uri_ref",
                "a URI or a relative reference",
            ),
            Self::Uuid => ("string.uuid", "string.uuid_empty", "a UUID"),
            Self::Tuuid => (
                "string.tuuid",
                "string.tuuid_empty",
                "a UUID without dashes",
            ),
        };
        let rule = if empty { rule_if_empty } else { rule };
        violated(path, rule, format!("must be {noun}"), out);
    }
}

/// <https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address>
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    let local_byte =
        |byte: u8| byte.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&byte);
    !local.is_empty() && local.bytes().all(local_byte) && domain.split('.').all(is_label)
}

/// Letters, digits and inner dashes; at most 63.
fn is_label(label: &str) -> bool {
    let allowed = label
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    allowed && (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-')
}

fn is_hostname(text: &str) -> bool {
    let name = text.strip_suffix('.').unwrap_or(text);
    let last = name.rsplit('.').next().unwrap_or_default();
    name.len() <= 253
        && name.split('.').all(is_label)
        && !last.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(format: StringFormat, good: &[&str], bad: &[&str]) {
        for text in good {
            assert!(format.is_match(text), "{format:?} refuses {text:?}");
        }
        for text in bad {
            assert!(!format.is_match(text), "{format:?} takes {text:?}");
        }
    }

    #[test]
    fn an_email_address_has_a_local_part_and_a_domain() {
        let long = format!("a@{}.com", "x".repeat(64));
        all(
            StringFormat::Email,
            &["a@b", "first.last+tag@mail.example.com", "x@1-2.example"],
            &[
                "",
                "a",
                "@b",
                "a@",
                "a@b@c",
                "a b@c",
                "a@-b",
                "a@b..c",
                "a@b.",
                "ä@b.de",
                " a@b",
                long.as_str(),
            ],
        );
    }

    #[test]
    fn a_host_name_is_made_of_labels() {
        all(
            StringFormat::Hostname,
            &["localhost", "a.b-c.example", "example.com.", "1.example"],
            &["", ".", "a..b", "-a", "a-", "a_b", "1.2.3.4", "ü.de"],
        );
    }

    #[test]
    fn ip_addresses_are_of_their_version() {
        all(
            StringFormat::Ip,
            &["127.0.0.1", "::1"],
            &["", "256.1.1.1", "1.2.3", "::g"],
        );
        all(StringFormat::Ipv4, &["10.0.0.1"], &["::1", "010.0.0.1"]);
        all(
            StringFormat::Ipv6,
            &["fe80::1", "::ffff:1.2.3.4"],
            &["10.0.0.1", "[::1]"],
        );
    }

    #[test]
    fn a_uuid_has_its_dashes_and_a_trimmed_one_none() {
        let (dashed, trimmed) = (
            "0192f0c1-7d2a-7abc-8def-0123456789ab",
            "0192f0c17d2a7abc8def0123456789ab",
        );
        all(
            StringFormat::Uuid,
            &[dashed, &dashed.to_uppercase()],
            &["", trimmed, &dashed.replace('a', "g")],
        );
        all(StringFormat::Tuuid, &[trimmed], &["", dashed]);
    }

    #[test]
    fn a_reference_may_be_relative_and_a_uri_may_not() {
        all(
            StringFormat::Uri,
            &["https://a.example/b?c=d#e"],
            &["/b", "b", ""],
        );
        all(
            StringFormat::UriRef,
            &["https://a.example/b", "/b", "b?c", "#d", ""],
            &["a b", "1:b"],
        );
    }
}
