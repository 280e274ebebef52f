//! Where a target is.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

const MAX_ENDPOINTS: usize = 256;

/// `inprocess`, or `http://host:port` once or several times with commas.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Address {
    /// Registered in this process.
    #[default]
    InProcess,
    /// Reached over HTTP/2 at any of these.
    Tcp(Vec<HostPort>),
}

/// One endpoint of a target.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HostPort {
    /// Name or address; an IPv6 address stands without brackets.
    pub host: String,
    /// Port.
    pub port: u16,
}

/// The text is no address.
#[derive(Debug, thiserror::Error)]
#[error("an address is `inprocess` or `http://host:port[,http://host:port…]`: {0:?} is neither")]
pub struct BadAddress(String);

impl FromStr for Address {
    type Err = BadAddress;

    fn from_str(text: &str) -> Result<Self, BadAddress> {
        if text == "inprocess" {
            return Ok(Self::InProcess);
        }
        let bad = || BadAddress(text.to_owned());
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
    fn parse(text: &str) -> Option<Self> {
        let uri: http::Uri = text.parse().ok()?;
        if uri.scheme_str() != Some("http") || !matches!(uri.path(), "" | "/") {
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
        for text in ["inprocess", "http://a:1", "http://a:1,http://[::1]:2"] {
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
        ] {
            assert!(text.parse::<Address>().is_err(), "{text:?}");
        }
    }
}
