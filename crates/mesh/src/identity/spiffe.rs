//! SPIFFE ids as Kubernetes workloads have them.

use std::{fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Serialize};

/// `spiffe://TRUST_DOMAIN/ns/NAMESPACE/sa/SERVICE`. Cloning is cheap.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SpiffeId(Arc<Parts>);

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Parts {
    trust_domain: String,
    namespace: String,
    service: String,
}

/// The text is no such id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected spiffe://TRUST_DOMAIN/ns/NAMESPACE/sa/SERVICE, not {0:?}")]
pub struct BadSpiffeId(String);

impl SpiffeId {
    /// The id of a service.
    ///
    /// # Errors
    /// A part is empty or has characters that an id cannot have.
    pub fn new(trust_domain: &str, namespace: &str, service: &str) -> Result<Self, BadSpiffeId> {
        let parts = Parts {
            trust_domain: trust_domain.to_owned(),
            namespace: namespace.to_owned(),
            service: service.to_owned(),
        };
        let id = Self(Arc::new(parts));
        // SPIFFE-ID, 2.1 and 2.2: a domain of lower-case letters, digits and
        // `.-_`; path segments that are no relative ones.
        let domain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-_".contains(c);
        let segment = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
        let is_segment = |text: &str| {
            !text.is_empty() && text.chars().all(segment) && !matches!(text, "." | "..")
        };
        let fits = !trust_domain.is_empty()
            && trust_domain.len() <= 255
            && trust_domain.chars().all(domain)
            && is_segment(namespace)
            && is_segment(service);
        if fits {
            Ok(id)
        } else {
            Err(BadSpiffeId(id.to_string()))
        }
    }

    /// Within which names mean something.
    pub fn trust_domain(&self) -> &str {
        &self.0.trust_domain
    }

    /// The Kubernetes namespace.
    pub fn namespace(&self) -> &str {
        &self.0.namespace
    }

    /// The service account, which is the service's name.
    pub fn service(&self) -> &str {
        &self.0.service
    }

    /// Another service of the same namespace. A name that no id can have
    /// belongs to nobody, and so does what this answers then.
    pub(crate) fn sibling(&self, service: &str) -> Self {
        let parts = Parts {
            service: service.to_owned(),
            ..(*self.0).clone()
        };
        Self(Arc::new(parts))
    }
}

impl FromStr for SpiffeId {
    type Err = BadSpiffeId;

    fn from_str(text: &str) -> Result<Self, BadSpiffeId> {
        let bad = || BadSpiffeId(text.to_owned());
        let rest = text.strip_prefix("spiffe://").ok_or_else(bad)?;
        let parts: Vec<&str> = rest.split('/').collect();
        match parts.as_slice() {
            [domain, "ns", namespace, "sa", service] => Self::new(domain, namespace, service),
            _ => Err(bad()),
        }
    }
}

impl fmt::Display for SpiffeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Parts {
            trust_domain,
            namespace,
            service,
        } = &*self.0;
        write!(f, "spiffe://{trust_domain}/ns/{namespace}/sa/{service}")
    }
}

impl TryFrom<String> for SpiffeId {
    type Error = BadSpiffeId;

    fn try_from(text: String) -> Result<Self, BadSpiffeId> {
        text.parse()
    }
}

impl From<SpiffeId> for String {
    fn from(id: SpiffeId) -> Self {
        id.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_prints_as_it_reads() {
        let text = "spiffe://covergen.internal/ns/default/sa/cover";
        let id: SpiffeId = text.parse().unwrap();
        assert_eq!((id.to_string().as_str(), id.service()), (text, "cover"));
    }

    #[test]
    fn what_is_no_id_is_refused() {
        for text in [
            "https://covergen.internal/ns/default/sa/cover",
            "spiffe://covergen.internal/ns/default/sa/",
            "spiffe://covergen.internal/ns/default/sa/cover/",
            "spiffe://covergen.internal/ns/../sa/cover",
            "spiffe:///ns/default/sa/cover",
            "spiffe://Covergen/ns/default/sa/cover",
            "spiffe://u@covergen/ns/default/sa/cover",
            "spiffe://covergen:80/ns/default/sa/cover",
            "spiffe://covergen/cover",
            "spiffe://covergen/ns/default/sa/cover?x",
            "",
        ] {
            assert!(text.parse::<SpiffeId>().is_err(), "{text:?}");
        }
    }
}
