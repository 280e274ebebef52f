//! The environments, one line each: what an overlay of that name runs, and
//! under which host names.

use serde_json::Value;

use super::roster::{Role, Unit, units};
use super::unit::{Variant, account, facade, workload};

/// How a new version of the BFFs takes over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Release {
    /// It replaces the old one.
    Rolling,
    /// A tenth of the requests, and those of beta users, go to it.
    Canary,
    /// Two colours; one is live, the other takes beta users.
    BlueGreen,
    /// As canary, split by Istio.
    Istio,
}

/// One environment.
#[derive(Debug)]
pub(crate) struct Environment {
    pub(crate) name: &'static str,
    /// The site's host name; BFFs with a name of their own stand below it.
    pub(crate) host: &'static str,
    pub(crate) release: Release,
    /// The object store.
    pub(crate) objects: &'static str,
    /// Share of traces that is kept.
    pub(crate) traced: &'static str,
    /// Only the part of the roster that runs in isolation.
    pub(crate) isolated: bool,
}

const fn at(
    name: &'static str,
    host: &'static str,
    release: Release,
    objects: &'static str,
) -> Environment {
    Environment {
        name,
        host,
        release,
        objects,
        traced: "0.1",
        isolated: false,
    }
}

/// Every environment.
#[rustfmt::skip] // A table: one line each, whatever its length.
pub(crate) const ENVIRONMENTS: &[Environment] = &[
    Environment { traced: "1.0", ..at("local", "covergen.localhost", Release::Rolling, "s3://covergen?region=us-east-1&endpoint=http://objects.covergen-data.svc.cluster.local:8333") },
    Environment { traced: "1.0", ..at("staging", "staging.covergen.example", Release::Canary, "s3://covergen-staging?region=us-east-1") },
    at("production", "covergen.example", Release::BlueGreen, "s3://covergen?region=us-east-1"),
    at("istio", "mesh.covergen.example", Release::Istio, "s3://covergen-mesh?region=us-east-1"),
    at("dr", "covergen.example", Release::BlueGreen, "s3://covergen-dr?region=us-west-2"),
    at("us-east", "us.covergen.example", Release::BlueGreen, "s3://covergen?region=us-east-1"),
    at("eu-west", "eu.covergen.example", Release::BlueGreen, "s3://covergen-eu-west?region=eu-west-1"),
    at("asia-pacific", "ap.covergen.example", Release::BlueGreen, "s3://covergen-asia-pacific?region=ap-southeast-1"),
    Environment { isolated: true, ..at("china", "covergen-cn.example", Release::BlueGreen, "s3://covergen-china?region=cn-north-1") },
];

impl Environment {
    pub(crate) fn by_istio(&self) -> bool {
        self.release == Release::Istio
    }

    pub(crate) fn bffs(&self) -> impl Iterator<Item = &'static Unit> {
        units(self.isolated).filter(|unit| !unit.is_service())
    }

    /// The host name of a BFF.
    pub(crate) fn host_of(&self, unit: &Unit) -> String {
        match unit.role {
            Role::Bff {
                host: Some(label), ..
            } => format!("{label}.{}", self.host),
            _ => self.host.to_owned(),
        }
    }
}

impl Release {
    pub(crate) const EVERY: [Self; 3] = [Self::Rolling, Self::Canary, Self::BlueGreen];

    /// The folder with the workloads that it needs.
    pub(crate) fn folder(self) -> &'static str {
        match self {
            Self::Rolling => "rolling",
            Self::Canary | Self::Istio => "canary",
            Self::BlueGreen => "blue-green",
        }
    }

    /// A BFF's workloads and the Services that the gateway sends requests to:
    /// `bff-x` is what everybody gets, `bff-x-canary` what comes next.
    pub(crate) fn bff(self, unit: &Unit) -> Vec<Value> {
        let mut found = vec![account(unit)];
        let (live, next) = match self {
            Self::Rolling => (Variant::STABLE, None),
            Self::Canary | Self::Istio => (Variant::STABLE, Some(Variant::CANARY)),
            Self::BlueGreen => (Variant::BLUE, Some(Variant::GREEN)),
        };
        found.push(facade(unit, "", "live", live));
        found.extend(workload(unit, live));
        if let Some(next) = next {
            found.push(facade(unit, "-canary", "next", next));
            found.extend(workload(unit, next));
        }
        found
    }

    /// Weights of what everybody gets and of what comes next.
    pub(crate) fn weights(self) -> (u8, u8) {
        match self {
            Self::Canary | Self::Istio => (90, 10),
            Self::Rolling | Self::BlueGreen => (100, 0),
        }
    }

    pub(crate) fn has_next(self) -> bool {
        self != Self::Rolling
    }
}
