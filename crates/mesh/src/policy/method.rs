//! What a document says about methods: `methodConfig` of a service config.

use std::time::Duration;

use super::{
    Known,
    reader::{Fields, Node},
};
use crate::MethodFacts;

/// The rules for the methods it names.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct MethodPolicy {
    names: Vec<Name>,
    pub(crate) rules: MethodRules,
}

/// The more is named, the more specific it is.
#[derive(Debug, Clone, PartialEq)]
enum Name {
    All,
    Service(String),
    Method(String),
}

/// What may be said about a method.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct MethodRules {
    pub(crate) timeout_ms: Option<u32>,
    pub(crate) max_attempts: Option<u32>,
    pub(crate) initial_backoff: Option<Duration>,
    pub(crate) max_backoff: Option<Duration>,
    pub(crate) hedging: Option<HedgingPolicy>,
    pub(crate) fallback: Option<String>,
}

impl MethodRules {
    pub(crate) const NOTHING: Self = Self {
        timeout_ms: None,
        max_attempts: None,
        initial_backoff: None,
        max_backoff: None,
        hedging: None,
        fallback: None,
    };
}

/// A second attempt beside a slow first one (gRFC A6).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct HedgingPolicy {
    /// When to send it; `None` goes by what 95 of 100 calls take.
    pub(crate) delay: Option<Duration>,
}

impl MethodPolicy {
    /// How specifically the method is named; `None` when it is not.
    pub(crate) fn fit(&self, path: &str) -> Option<u8> {
        let fits = |name: &Name| match name {
            Name::All => Some(0),
            Name::Service(service) => {
                let rest = path.strip_prefix('/')?.strip_prefix(service.as_str())?;
                rest.starts_with('/').then_some(1)
            }
            Name::Method(method) => (method == path).then_some(2),
        };
        self.names.iter().filter_map(fits).max()
    }

    /// Judges what it says against the contracts. An entry for a whole service
    /// is for those of its methods that what it says is for; one that names a
    /// method means that one.
    pub(super) fn check(&self, root: &Node<'_>, path: &str, known: &Known) {
        let fallback = self.rules.fallback.as_ref();
        if let Some(fallback) = fallback.filter(|name| !known.fallbacks.contains(*name)) {
            let there_are = &known.fallbacks;
            root.fail_at(
                format!("{path}.fallback"),
                format!("there is no fallback {fallback:?}; there are {there_are:?}"),
            );
        }
        for (at, name) in self.names.iter().enumerate() {
            match (name, known.services, known.lookup) {
                (Name::Service(service), Some(is_service), _) if !is_service(service) => root
                    .fail_at(
                        format!("{path}.name[{at}]"),
                        format!("there is no service {service} in any contract"),
                    ),
                (Name::Method(method), _, Some(lookup)) => match lookup(method) {
                    Some(facts) => self.check_method(root, path, method, facts),
                    None => root.fail_at(
                        format!("{path}.name[{at}]"),
                        format!("there is no method {method} in any contract"),
                    ),
                },
                _ => {}
            }
        }
    }

    fn check_method(&self, root: &Node<'_>, path: &str, method: &str, facts: MethodFacts) {
        if self.rules.hedging.is_some() && !(facts.idempotent && facts.is_unary()) {
            root.fail_at(
                format!("{path}.hedgingPolicy"),
                format!("{method} cannot be sent twice: only idempotent unary methods are hedged"),
            );
        }
        if self.rules.fallback.is_some() && !facts.is_unary() {
            root.fail_at(
                format!("{path}.fallback"),
                format!("{method} is a stream: only unary methods are answered otherwise"),
            );
        }
    }

    pub(super) fn read(node: &Node<'_>) -> Self {
        let fields = node.fields(&[
            "name",
            "timeout",
            "retryPolicy",
            "hedgingPolicy",
            "fallback",
        ]);
        let names = fields.items("name");
        if names.is_empty() {
            node.fail("a `methodConfig` needs the `name` of a method, such as [{\"service\": \"p.S\", \"method\": \"M\"}]");
        }
        let mut rules = MethodRules {
            timeout_ms: fields.millis("timeout", 1, 86_400_000),
            hedging: fields.get("hedgingPolicy").map(|node| hedging(&node)),
            fallback: fields
                .get("fallback")
                .and_then(|node| node.text())
                .map(str::to_owned),
            ..MethodRules::default()
        };
        if let Some(retry) = fields.get("retryPolicy") {
            if rules.hedging.is_some() {
                // gRFC A6; ours may be retried on top of being hedged, but a
                // document has to mean the same elsewhere.
                node.fail("a method has a `retryPolicy` or a `hedgingPolicy`, not both");
            }
            read_retry(&retry, &mut rules);
        }
        Self {
            names: names.iter().filter_map(name).collect(),
            rules,
        }
    }
}

fn name(node: &Node<'_>) -> Option<Name> {
    let fields = node.fields(&["service", "method"]);
    let text = |field| {
        let text = fields.get(field)?.text()?;
        Some(text).filter(|text| !text.is_empty())
    };
    match (text("service"), text("method")) {
        (Some(service), Some(method)) => Some(Name::Method(format!("/{service}/{method}"))),
        (Some(service), None) => Some(Name::Service(service.to_owned())),
        (None, None) => Some(Name::All),
        (None, Some(_)) => {
            node.fail("a `method` is named together with its `service`");
            None
        }
    }
}

fn read_retry(node: &Node<'_>, rules: &mut MethodRules) {
    let fields = node.fields(&[
        "maxAttempts",
        "initialBackoff",
        "maxBackoff",
        "backoffMultiplier",
        "retryableStatusCodes",
    ]);
    rules.max_attempts = fields.number("maxAttempts", 1..=10);
    rules.initial_backoff = fields.duration("initialBackoff", 1, 60_000);
    rules.max_backoff = fields.duration("maxBackoff", 1, 60_000);
    if rules.initial_backoff > rules.max_backoff && rules.max_backoff.is_some() {
        node.fail("`initialBackoff` must not be longer than `maxBackoff`");
    }
    if let Some(multiplier) = fields.get("backoffMultiplier")
        && multiplier.value().as_f64() != Some(2.0)
    {
        multiplier.fail("waits double; allowed is 2");
    }
    only_unavailable(&fields, "retryableStatusCodes");
}

fn hedging(node: &Node<'_>) -> HedgingPolicy {
    let fields = node.fields(&["maxAttempts", "hedgingDelay", "nonFatalStatusCodes"]);
    // One extra: more would be load, not patience.
    fields.number("maxAttempts", 2..=2);
    only_unavailable(&fields, "nonFatalStatusCodes");
    HedgingPolicy {
        delay: fields.duration("hedgingDelay", 1, 60_000),
    }
}

/// Anything else may have been carried out, or will fail again.
fn only_unavailable(fields: &Fields<'_>, name: &str) {
    for code in fields.items(name) {
        if code.value().as_str() != Some("UNAVAILABLE") {
            code.fail("allowed is \"UNAVAILABLE\" alone");
        }
    }
}
