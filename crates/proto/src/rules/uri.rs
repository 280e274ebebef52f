//! URIs by [RFC 3986](https://www.rfc-editor.org/rfc/rfc3986).

use std::net::Ipv6Addr;

/// `scheme ":" hier-part [ "?" query ] [ "#" fragment ]`
pub(super) fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    is_scheme(scheme) && is_after_scheme(rest)
}

/// `relative-part [ "?" query ] [ "#" fragment ]`
pub(super) fn is_relative(text: &str) -> bool {
    // A colon in the first segment would make it a scheme.
    let first = text.split(['/', '?', '#']).next().unwrap_or_default();
    !first.contains(':') && is_after_scheme(text)
}

fn is_scheme(scheme: &str) -> bool {
    let starts = scheme
        .as_bytes()
        .first()
        .is_some_and(u8::is_ascii_alphabetic);
    starts
        && scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

fn is_after_scheme(text: &str) -> bool {
    let (text, fragment) = cut(text, '#');
    let (text, query) = cut(text, '?');
    let path = match text.strip_prefix("//") {
        Some(rest) => {
            let end = rest.find('/').unwrap_or(rest.len());
            if !is_authority(&rest[..end]) {
                return false;
            }
            &rest[end..]
        }
        None => text,
    };
    is_made_of(path, b":@/") && is_made_of(query, b":@/?") && is_made_of(fragment, b":@/?")
}

fn cut(text: &str, at: char) -> (&str, &str) {
    text.split_once(at).unwrap_or((text, ""))
}

/// `[ userinfo "@" ] host [ ":" port ]`
fn is_authority(text: &str) -> bool {
    let (user, host) = text.rsplit_once('@').unwrap_or(("", text));
    if !is_made_of(user, b":") {
        return false;
    }
    if let Some(rest) = host.strip_prefix('[') {
        let Some((address, port)) = rest.split_once(']') else {
            return false;
        };
        let port = port.strip_prefix(':').or(port.is_empty().then_some(""));
        return address.parse::<Ipv6Addr>().is_ok() && port.is_some_and(is_port);
    }
    let (name, port) = host.split_once(':').unwrap_or((host, ""));
    is_made_of(name, b"") && is_port(port)
}

fn is_port(text: &str) -> bool {
    text.is_empty()
        || (text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u16>().is_ok())
}

/// Unreserved characters, sub-delims, percent-encoded bytes and `more`.
fn is_made_of(text: &str, more: &[u8]) -> bool {
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let fits = match byte {
            b'%' => {
                let mut hex = || bytes.next().is_some_and(|byte| byte.is_ascii_hexdigit());
                hex() && hex()
            }
            _ => {
                byte.is_ascii_alphanumeric()
                    || b"-._~!$&'()*+,;=".contains(&byte)
                    || more.contains(&byte)
            }
        };
        if !fits {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_grammar_allows_is_taken() {
        for text in [
            "https://example.com",
            "https://user:pass@example.com:8443/a/b%20c?d=e&f=/?#g/?",
            "http://[::1]:80/",
            "mailto:a@b.example",
            "urn:isbn:0451450523",
            "file:///etc/hosts",
            "a:",
        ] {
            assert!(is_uri(text), "{text}");
        }
    }

    #[test]
    fn what_the_grammar_forbids_is_refused() {
        for text in [
            "",
            "example.com",
            "1http://a",
            "http://a b",
            "http://a/%2",
            "http://a/%zz",
            "http://[::1",
            "http://[1.2.3.4]/",
            "http://a:port/",
            "http://a:99999/",
            "http://exämple.com",
            "http://a/<b>",
            "http://a#b#c",
            "http://a\n",
        ] {
            assert!(!is_uri(text), "{text:?}");
        }
    }
}
