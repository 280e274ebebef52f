//! A request as its signer saw it, and the text that is signed.

use std::borrow::Cow;

use covergen_bff::Presented;
use http::uri::{Authority, Scheme};
use http::{HeaderMap, HeaderName, Method, Uri, header};

use super::input::{Signed, short};
use super::refusal::Refusal;

/// Where callers reach an edge: scheme, host and port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    scheme: &'static str,
    authority: String,
}

/// A text is no public URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not `https://host[:port]` or `http://host[:port]`")]
pub struct PublicUrlError(String);

impl PublicUrl {
    /// Reads `https://host[:port]`.
    ///
    /// # Errors
    /// It is something else, or has a path.
    pub fn parse(text: &str) -> Result<Self, PublicUrlError> {
        let wrong = || PublicUrlError(text.to_owned());
        let uri: Uri = text.parse().map_err(|_| wrong())?;
        let scheme = match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTPS => "https",
            Some(scheme) if *scheme == Scheme::HTTP => "http",
            _ => return Err(wrong()),
        };
        let has_path = uri.path() != "/" || uri.query().is_some();
        match uri.authority() {
            Some(authority) if !has_path && !authority.as_str().contains('@') => Ok(Self {
                scheme,
                authority: normalized(authority, scheme),
            }),
            _ => Err(wrong()),
        }
    }
}

/// A request as its signer saw it.
#[derive(Debug)]
pub(super) struct Message<'a> {
    pub(super) method: &'a Method,
    pub(super) scheme: &'static str,
    pub(super) authority: String,
    pub(super) path: &'a str,
    pub(super) query: Option<&'a str>,
    pub(super) headers: &'a HeaderMap,
}

impl<'a> Message<'a> {
    /// The request as it arrived, at the address that callers know.
    pub(super) fn of(
        request: &Presented<'a>,
        public_url: Option<&PublicUrl>,
    ) -> Result<Self, Refusal> {
        let (scheme, authority) = match public_url {
            Some(known) => (known.scheme, known.authority.clone()),
            None => addressed(request.uri, request.headers)?,
        };
        Ok(Self {
            method: request.method,
            scheme,
            authority,
            path: request.uri.path(),
            query: request.uri.query(),
            headers: request.headers,
        })
    }

    /// The signature base (RFC 9421, section 2.5).
    pub(super) fn base(&self, signed: &Signed) -> Result<String, Refusal> {
        let mut base = String::new();
        for name in &signed.components {
            base.push('"');
            base.push_str(name);
            base.push_str("\": ");
            base.push_str(&self.value(name)?);
            base.push('\n');
        }
        base.push_str("\"@signature-params\": ");
        base.push_str(&signed.parameters);
        Ok(base)
    }

    /// The value of a component (RFC 9421, sections 2.1 and 2.2).
    fn value(&self, name: &str) -> Result<Cow<'_, str>, Refusal> {
        Ok(match name {
            "@method" => self.method.as_str().into(),
            "@scheme" => self.scheme.into(),
            "@authority" => self.authority.as_str().into(),
            "@path" => self.path().into(),
            "@query" => format!("?{}", self.query.unwrap_or_default()).into(),
            "@request-target" => self.target().into(),
            "@target-uri" => {
                format!("{}://{}{}", self.scheme, self.authority, self.target()).into()
            }
            derived if derived.starts_with('@') => {
                let why = format!("`{}` is no component that is taken here", short(derived));
                return Err(Refusal::invalid(why));
            }
            field => self.field(field)?.into(),
        })
    }

    fn path(&self) -> &str {
        if self.path.is_empty() { "/" } else { self.path }
    }

    fn target(&self) -> String {
        match self.query {
            Some(query) => format!("{}?{query}", self.path()),
            None => self.path().to_owned(),
        }
    }

    /// The lines of a header, each without the blanks around it.
    fn field(&self, name: &str) -> Result<String, Refusal> {
        let known = HeaderName::from_bytes(name.as_bytes())
            .ok()
            // Upper case is read as the same header, and is not how it is named.
            .filter(|known| known.as_str() == name);
        let Some(known) = known else {
            let why = format!("`{}` is no header's name in lower case", short(name));
            return Err(Refusal::invalid(why));
        };
        let mut lines = Vec::new();
        for value in self.headers.get_all(known) {
            let line = value
                .to_str()
                .map_err(|_| Refusal::invalid(format!("`{}` is not visible ASCII", short(name))))?;
            lines.push(line.trim_matches([' ', '\t']));
        }
        if lines.is_empty() {
            let why = format!("`{}` is covered and not there", short(name));
            return Err(Refusal::invalid(why));
        }
        Ok(lines.join(", "))
    }
}

/// Scheme and authority by the request's own word.
fn addressed(uri: &Uri, headers: &HeaderMap) -> Result<(&'static str, String), Refusal> {
    let scheme = match uri.scheme() {
        Some(scheme) if *scheme == Scheme::HTTPS => "https",
        _ => "http",
    };
    if let Some(authority) = uri.authority() {
        return Ok((scheme, normalized(authority, scheme)));
    }
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.to_str().ok(),
        _ => None,
    };
    let authority = host.and_then(|host| host.parse::<Authority>().ok());
    authority
        .map(|authority| (scheme, normalized(&authority, scheme)))
        .ok_or_else(|| Refusal::invalid("the request names no host"))
}

/// In lower case, without the port that goes without saying.
fn normalized(authority: &Authority, scheme: &str) -> String {
    let own = match scheme {
        "https" => ":443",
        _ => ":80",
    };
    let text = authority.as_str().to_ascii_lowercase();
    text.strip_suffix(own).map(str::to_owned).unwrap_or(text)
}
