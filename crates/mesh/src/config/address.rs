//! Where a target is.

use std::{fmt, path::PathBuf, str::FromStr};

use serde::{Deserialize, Serialize};

/// The most endpoints of a target.
pub(crate) const MAX_ENDPOINTS: usize = 256;

/// `inprocess`; `http://host:port` once or several times with commas;
/// `dns://host:port` for all addresses of a name; `file:///path` for a list
/// that somebody else writes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Address {
    /// Registered in this process.
    #[default]
    InProcess,
    /// Reached over HTTP/2 at any of these.
    Tcp(Vec<HostPort>),
    /// Reached over HTTP/2 at all addresses of a name, looked up again and again.
    Dns(HostPort),
    /// Reached over HTTP/2 at what a file lists, read again and again.
    File(PathBuf),
}

/// One endpoint of a target.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostPort {
    /// Name or address; an IPv6 address stands without brackets.
    pub host: String,
    /// Port.
    pub port: u16,
}

/// The text is no address.
#[derive(Debug, thiserror::Error)]
#[error(
    "an address is `inprocess`, `http://host:port[,http://host:port…]`, `dns://host:port` or \
     `file:///path`: {0:?} is none of them"
)]
pub struct BadAddress(String);

impl FromStr for Address {
    type Err = BadAddress;

    fn from_str(text: &str) -> Result<Self, BadAddress> {
        if text == "inprocess" {
            return Ok(Self::InProcess);
        }
        let bad = || BadAddress(text.to_owned());
        if text.starts_with("dns://") {
            return HostPort::with_scheme(text, "dns")
                .map(Self::Dns)
                .ok_or_else(bad);
        }
        if let Some(path) = text.strip_prefix("file://") {
            let path = PathBuf::from(path);
            return if path.is_absolute() {
                Ok(Self::File(path))
            } else {
                Err(bad())
            };
        }
        let endpoints = text
            .split(',')
            .map(|part| HostPort::parse(part.trim()).ok_or_else(bad))
            .collect::<Result<Vec<_>, _>>()?;
        if endpoints.len() > MAX_ENDPOINTS {
            return Err(bad());
        }
        Ok(Self::Tcp(endpoints))
    }
}

impl HostPort {
    /// Reads `http://host:port`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::with_scheme(text, "http")
    }

    fn with_scheme(text: &str, scheme: &str) -> Option<Self> {
        let uri: http::Uri = text.parse().ok()?;
        if uri.scheme_str() != Some(scheme) || !matches!(uri.path(), "" | "/") {
            return None;
        }
        let authority = uri.authority()?;
        if uri.query().is_some() || authority.as_str().contains('@') {
            return None;
        }
        let host = authority.host();
        let host = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'))
            .unwrap_or(host);
        Some(Self {
            host: host.to_owned(),
            port: authority.port_u16()?,
        })
    }
}

impl fmt::Display for HostPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InProcess => f.write_str("inprocess"),
            Self::Tcp(endpoints) => {
                for (at, endpoint) in endpoints.iter().enumerate() {
                    let comma = if at == 0 { "" } else { "," };
                    write!(f, "{comma}http://{endpoint}")?;
                }
                Ok(())
            }
            Self::Dns(place) => write!(f, "dns://{place}"),
            Self::File(path) => write!(f, "file://{}", path.display()),
        }
    }
}

impl TryFrom<String> for Address {
    type Error = BadAddress;

    fn try_from(text: String) -> Result<Self, BadAddress> {
        text.parse()
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_prints_as_it_reads() {
        for text in [
            "inprocess",
            "http://a:1",
            "http://a:1,http://[::1]:2",
            "dns://cover-headless:7000",
            "file:///etc/covergen/cover.yaml",
        ] {
            assert_eq!(text.parse::<Address>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "a:1",
            "https://a:1",
            "http://a",
            "http://a:1/path",
            "http://u:p@a:1",
            "http://a:1,",
            "http://a:99999",
            "dns://a",
            "file://relative.yaml",
        ] {
            assert!(text.parse::<Address>().is_err(), "{text:?}");
        }
    }
}
