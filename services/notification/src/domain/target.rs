//! Addresses that people give us to send to.

use std::net::IpAddr;

use url::{Host, Url};

use super::network;

/// Longest address.
const MAX_BYTES: usize = 2048;

/// Reads an address that may be sent to, or says what is wrong with it. Names
/// are judged again when they are resolved.
pub(crate) fn parse(text: &str, allow_loopback: bool) -> Result<Url, String> {
    if text.len() > MAX_BYTES {
        return Err(format!("must have at most {MAX_BYTES} bytes"));
    }
    let url = Url::parse(text).map_err(|error| format!("is no address: {error}"))?;
    if !matches!(url.scheme(), "https" | "http") {
        return Err("must begin with https://".to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not hold a user name or password".to_owned());
    }
    if url.fragment().is_some() {
        return Err("must not have a fragment".to_owned());
    }
    let literal = match url.host() {
        Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
        Some(Host::Domain(_)) => None,
        None => return Err("must name a host".to_owned()),
    };
    if literal.is_some_and(|address| !network::is_reachable(address, allow_loopback)) {
        return Err("must not be an address of a private network".to_owned());
    }
    let name = url.domain().unwrap_or_default().trim_end_matches('.');
    let is_local_name = name == "localhost" || name.ends_with(".localhost");
    if is_local_name && !allow_loopback {
        return Err("must not be an address of a private network".to_owned());
    }
    let is_here = is_local_name || literal.is_some_and(|address| address.is_loopback());
    if url.scheme() == "http" && !is_here {
        return Err("must begin with https://".to_owned());
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn addresses_of_the_public_internet_are_taken() {
        for text in [
            "https://example.com/hooks?tenant=1",
            "https://example.com:8443/",
            "https://8.8.8.8/",
            "https://[2606:4700::1111]/",
        ] {
            assert!(parse(text, false).is_ok(), "{text}");
        }
    }

    #[test]
    fn whatever_else_is_refused() {
        for text in [
            "",
            "example.com",
            "ftp://example.com/",
            "file:///etc/passwd",
            "http://example.com/",
            "https://user:secret@example.com/",
            "https://example.com/#part",
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://0177.0.0.1/",
            "https://127.1/",
            "https://①②⑦.0.0.1/",
            "https://127。0。0。1/",
            "https://[::127.0.0.1]/",
            "https://[64:ff9b::a9fe:a9fe]/",
            "https://[fe80::1]/",
            "https://0/",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://169.254.169.254/latest/meta-data",
            "https://localhost/",
            "https://localhost./",
            "https://api.localhost/",
            &format!("https://example.com/{}", "a".repeat(2048)),
        ] {
            assert!(parse(text, false).is_err(), "{text}");
        }
    }

    #[test]
    fn plain_http_is_for_this_machine_alone() {
        for text in [
            "http://127.0.0.1:8080/hook",
            "http://localhost:1/",
            "http://[::1]/",
            "https://localhost/",
        ] {
            assert!(parse(text, true).is_ok(), "{text}");
            assert!(parse(text, false).is_err(), "{text}");
        }
        for text in [
            "http://example.com/",
            "http://10.0.0.1/",
            "https://10.0.0.1/",
        ] {
            assert!(parse(text, true).is_err(), "{text}");
        }
    }
}
