//! Routes and faults of a target.

use std::time::Duration;

use http::HeaderName;
use tonic::Code;

use super::{
    matcher::{Matcher, header_name},
    reader::Node,
};
use crate::status::code_name;

/// Where calls go that it matches (gRFC A28, A31). The first match decides.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RoutePolicy {
    pub(crate) matcher: Matcher,
    /// Targets and weights; the sum is more than nothing.
    pub(crate) clusters: Vec<(String, u32)>,
    pub(crate) sticky: Option<Sticky>,
}

/// What keeps to one cluster.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Sticky {
    /// Calls with the same value of a header.
    Header(HeaderName),
    /// Calls for the same principal.
    Principal,
}

/// Harm done on purpose.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fault {
    pub(crate) matcher: Matcher,
    pub(crate) delay: Option<(f64, Duration)>,
    pub(crate) abort: Option<Abort>,
}

/// An answer in place of the target's.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Abort {
    pub(crate) share: f64,
    pub(crate) code: Code,
}

impl RoutePolicy {
    pub(super) fn read(node: &Node<'_>) -> Self {
        let fields = node.fields(&["match", "cluster", "weightedClusters", "sticky"]);
        let one = fields.get("cluster").and_then(|node| node.text());
        let mut clusters: Vec<_> = one.map(|name| (name.to_owned(), 1)).into_iter().collect();
        if let Some(weighted) = fields.get("weightedClusters") {
            if one.is_some() {
                node.fail("a route has a `cluster` or `weightedClusters`, not both");
            }
            clusters = weighted
                .list()
                .iter()
                .filter_map(weighted_cluster)
                .collect();
            if clusters.iter().all(|(_, weight)| *weight == 0) {
                weighted.fail("one of the weights must be more than 0");
            }
            for (at, (name, _)) in clusters.iter().enumerate() {
                if clusters[..at].iter().any(|(before, _)| before == name) {
                    weighted.fail(format!("{name:?} stands here twice; it has one weight"));
                }
            }
        } else if fields.get("cluster").is_none() {
            node.fail("a route needs a `cluster` or `weightedClusters`");
        }
        Self {
            matcher: fields
                .get("match")
                .map(|node| Matcher::read(&node))
                .unwrap_or_default(),
            clusters,
            sticky: fields.get("sticky").and_then(|node| sticky(&node)),
        }
    }
}

fn weighted_cluster(node: &Node<'_>) -> Option<(String, u32)> {
    let fields = node.fields(&["name", "weight"]);
    let name = fields.get("name").and_then(|node| node.text());
    let weight = fields.number("weight", 0..=1_000_000);
    if fields.get("name").is_none() || fields.get("weight").is_none() {
        node.fail("a weighted cluster needs a `name` and a `weight`");
    }
    Some((name?.to_owned(), weight?))
}

fn sticky(node: &Node<'_>) -> Option<Sticky> {
    let fields = node.fields(&["header", "principal"]);
    let header = fields.get("header").map(|node| header_name(&node));
    let principal = fields.get("principal").map(|node| node.flag());
    match (header, principal) {
        (Some(header), None) => header.map(Sticky::Header),
        (None, Some(Some(true))) => Some(Sticky::Principal),
        // No flag at all, of which is told already.
        (None, Some(None)) => None,
        _ => {
            node.fail("expected {\"header\": \"…\"} or {\"principal\": true}, one of them");
            None
        }
    }
}

impl Fault {
    pub(super) fn read(node: &Node<'_>) -> Self {
        let fields = node.fields(&["match", "delay", "abort"]);
        let fault = Self {
            matcher: fields
                .get("match")
                .map(|node| Matcher::read(&node))
                .unwrap_or_default(),
            delay: fields.get("delay").and_then(|node| delay(&node)),
            abort: fields.get("abort").and_then(|node| abort(&node)),
        };
        if fields.get("delay").is_none() && fields.get("abort").is_none() {
            node.fail("a fault needs a `delay` or an `abort`");
        }
        fault
    }
}

fn delay(node: &Node<'_>) -> Option<(f64, Duration)> {
    let fields = node.fields(&["percentage", "fixedDelay"]);
    if fields.get("fixedDelay").is_none() {
        node.fail("a `delay` needs a `fixedDelay`");
    }
    let delay = fields.duration("fixedDelay", 1, 60_000);
    Some((share(fields.get("percentage"))?, delay?))
}

fn abort(node: &Node<'_>) -> Option<Abort> {
    let fields = node.fields(&["percentage", "grpcStatus"]);
    let Some(status) = fields.get("grpcStatus") else {
        node.fail("an `abort` needs a `grpcStatus`");
        return None;
    };
    let named = |code: &Code| status.value().as_str() == Some(code_name(*code));
    let code = (1..=16).map(Code::from_i32).find(named);
    if code.is_none() {
        status.fail("expected the name of a status other than OK, such as \"UNAVAILABLE\"");
    }
    Some(Abort {
        share: share(fields.get("percentage"))?,
        code: code?,
    })
}

/// Of all calls, 0 to 1.
fn share(node: Option<Node<'_>>) -> Option<f64> {
    let Some(node) = node else { return Some(1.0) };
    let percentage = node
        .value()
        .as_f64()
        .filter(|percent| (0.0..=100.0).contains(percent));
    if percentage.is_none() {
        node.fail(format!(
            "expected a number from 0 to 100, not {}",
            node.value()
        ));
    }
    percentage.map(|percent| percent / 100.0)
}
