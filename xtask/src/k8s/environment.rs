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

/// Whose data an environment works on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Data {
    /// Its own.
    Own,
    /// A copy of this environment's, until it takes over from it.
    Standby(&'static str),
    /// This environment's, where everything is written; a copy of the
    /// databases is here, to be read from.
    Region(&'static str),
}

/// One environment.
#[derive(Debug)]
pub(crate) struct Environment {
    pub(crate) name: &'static str,
    /// The site's host name; BFFs with a name of their own stand below it.
    pub(crate) host: &'static str,
    pub(crate) release: Release,
    /// The object store. Where rows are shared, so is what they name.
    pub(crate) objects: &'static str,
    pub(crate) data: Data,
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
        data: Data::Own,
        traced: "0.1",
        isolated: false,
    }
}

/// The bucket of all regions that write to one database.
const REGIONS: &str = "s3://covergen-us-east?region=us-east-1";

/// Every environment.
#[rustfmt::skip] // A table: one line each, whatever its length.
pub(crate) const ENVIRONMENTS: &[Environment] = &[
    Environment { traced: "1.0", ..at("local", "covergen.localhost", Release::Rolling, "s3://covergen?region=us-east-1&endpoint=http://objects.covergen-data.svc.cluster.local:8333") },
    Environment { traced: "1.0", ..at("staging", "staging.covergen.example", Release::Canary, "s3://covergen-staging?region=us-east-1") },
    at("production", "covergen.example", Release::BlueGreen, "s3://covergen?region=us-east-1"),
    at("istio", "mesh.covergen.example", Release::Istio, "s3://covergen-mesh?region=us-east-1"),
    Environment { data: Data::Standby("production"), ..at("dr", "covergen.example", Release::BlueGreen, "s3://covergen-dr?region=us-west-2") },
    at("us-east", "us.covergen.example", Release::BlueGreen, REGIONS),
    Environment { data: Data::Region("us-east"), ..at("eu-west", "eu.covergen.example", Release::BlueGreen, REGIONS) },
    Environment { data: Data::Region("us-east"), ..at("asia-pacific", "ap.covergen.example", Release::BlueGreen, REGIONS) },
    Environment { isolated: true, ..at("china", "covergen-cn.example", Release::BlueGreen, "s3://covergen-china?region=cn-north-1") },
];

impl Environment {
    /// Where its databases come from, where that is another environment.
    pub(crate) fn source(&self) -> Option<&'static Self> {
        let (Data::Standby(name) | Data::Region(name)) = self.data else {
            return None;
        };
        ENVIRONMENTS.iter().find(|one| one.name == name)
    }

    /// The one whose databases and secrets it has: its source's, or its own.
    pub(crate) fn origin(&self) -> &'static str {
        match self.data {
            Data::Own => self.name,
            Data::Standby(name) | Data::Region(name) => name,
        }
    }

    /// Those that have copies of its databases.
    pub(crate) fn followers(&self) -> impl Iterator<Item = &'static Self> {
        let of_this = move |one: &&Self| one.name != self.name && one.origin() == self.name;
        ENVIRONMENTS.iter().filter(of_this)
    }

    /// How other clusters reach an engine of this one, over a private link:
    /// `postgres` or `nats` (`k8s/components/primary`).
    pub(crate) fn reached(&self, engine: &str) -> String {
        format!("{engine}.{}.covergen.example", self.name)
    }

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
            Self::Canary | Self::Istio => (Variant::CURRENT, Some(Variant::CANARY)),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_writes_to_one_database_keeps_files_in_one_bucket_and_nobody_else_does() {
        for one in ENVIRONMENTS {
            if let Data::Region(_) = one.data {
                let source = one.source().expect("its source is an environment");
                assert_eq!(one.objects, source.objects, "{}", one.name);
            }
            for other in ENVIRONMENTS.iter().filter(|other| other.name != one.name) {
                let is_shared = one.objects == other.objects;
                assert!(
                    !is_shared || one.origin() == other.origin(),
                    "{} {}",
                    one.name,
                    other.name
                );
            }
        }
    }

    #[test]
    fn a_source_has_databases_of_its_own_and_all_services() {
        for one in ENVIRONMENTS.iter().filter(|one| one.data != Data::Own) {
            let source = one.source().expect("its source is an environment");
            assert_eq!(source.data, Data::Own, "{}", one.name);
            assert_eq!(source.isolated, one.isolated, "{}", one.name);
            assert!(source.followers().any(|follower| follower.name == one.name));
        }
    }
}
