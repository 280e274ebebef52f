//! How the mesh stands in this process, for operators.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::UNIX_EPOCH;

use covergen_mesh::{
    CircuitState, Decision, DecisionKind, EndpointSnapshot, EndpointState, Layers, Mesh,
    MeshSnapshot, TargetSnapshot,
};
use covergen_proto::mesh::v1::mesh_service_server::MeshService;
use covergen_proto::mesh::v1::{
    GetMeshRequest, MeshDecision, MeshEndpoint, MeshIdentity, MeshPolicyProblem, MeshPool,
    MeshRoute, MeshSource, MeshSplit, MeshView, MeshWay,
};
use tonic::{Request, Response, Status};

use crate::convert::timestamp;
use crate::engines::Engines;

/// The name that the mesh's own service is reached by.
pub(crate) const NAME: &str = "mesh";

/// As many of each sort as one service keeps.
const MAX_DECISIONS: usize = 128;

/// Every service's view of the mesh in this process. Clones share it.
#[derive(Clone, Default)]
pub(crate) struct Views(Arc<Mutex<Vec<Mesh>>>);

impl Views {
    pub(crate) fn add(&self, mesh: Mesh) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(mesh);
    }

    fn snapshots(&self) -> Vec<MeshSnapshot> {
        let views = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        views.iter().map(Mesh::snapshot).collect()
    }
}

/// Answers for this process. Clones answer the same.
#[derive(Clone)]
pub(crate) struct Api {
    pub(crate) services: BTreeSet<&'static str>,
    pub(crate) views: Views,
    pub(crate) engines: Arc<Engines>,
    pub(crate) proof: Option<covergen_mesh::Identity>,
}

#[tonic::async_trait]
impl MeshService for Api {
    async fn get_mesh(&self, _: Request<GetMeshRequest>) -> Result<Response<MeshView>, Status> {
        Ok(Response::new(self.view().await))
    }
}

impl Api {
    /// How things stand now.
    pub(crate) async fn view(&self) -> MeshView {
        let (mut routes, mut sources, mut decisions) = (Vec::new(), Vec::new(), Vec::new());
        for mut view in self.views.snapshots() {
            let name = view.source.clone();
            let targets = std::mem::take(&mut view.targets);
            let to = |(target, state)| route(&name, target, state);
            routes.extend(targets.into_iter().map(to));
            let lately = std::mem::take(&mut view.decisions);
            decisions.extend(lately.into_iter().map(|one| (name.clone(), one)));
            sources.push(source(view));
        }
        routes.sort_by(|a, b| (&a.source, &a.target).cmp(&(&b.source, &b.target)));
        sources.sort_by(|a, b| a.source.cmp(&b.source));
        // The sort is stable: what one service decided stays in its order.
        decisions.reverse();
        decisions.sort_by_key(|(_, one)| std::cmp::Reverse(one.at_ms));
        // Calls that are shed by the thousand hide nothing of what led to it.
        let mut left = [MAX_DECISIONS; 2];
        decisions.retain(|(_, one)| {
            let left = &mut left[usize::from(one.kind.is_of_a_call())];
            let fits = *left > 0;
            *left = left.saturating_sub(1);
            fits
        });
        MeshView {
            services: self.services.iter().map(ToString::to_string).collect(),
            routes,
            problems: self.engines.problems().await,
            sources,
            decisions: decisions.into_iter().map(decision).collect(),
            identity: self.proof.as_ref().map(identity),
        }
    }
}

fn route(source: &str, target: String, state: TargetSnapshot) -> MeshRoute {
    let in_flight = state.in_flight;
    let way = |(target, weight)| MeshWay {
        target,
        weight: count(weight),
    };
    MeshRoute {
        source: source.to_owned(),
        target,
        address: state.address,
        breaker: match state.breaker.state {
            CircuitState::Closed => "closed",
            CircuitState::Open => "open",
            CircuitState::HalfOpen => "half_open",
        }
        .to_owned(),
        breaker_opens_for_ms: state.breaker.opens_for_ms.map_or(0, count),
        in_flight: count(in_flight.calls.saturating_add(in_flight.streams)),
        streams: count(in_flight.streams),
        waiting: count(in_flight.pending),
        endpoints: state.endpoints.into_iter().map(endpoint).collect(),
        splits: state
            .splits
            .into_iter()
            .map(|ways| MeshSplit {
                ways: ways.into_iter().map(way).collect(),
            })
            .collect(),
    }
}

fn endpoint(endpoint: EndpointSnapshot) -> MeshEndpoint {
    MeshEndpoint {
        address: endpoint.address,
        state: match endpoint.state {
            EndpointState::Idle => "idle",
            EndpointState::Connecting => "connecting",
            EndpointState::Ready => "ready",
            EndpointState::Shunned => "shunned",
        }
        .to_owned(),
        is_healthy: endpoint.healthy,
        ejected_for_ms: endpoint.ejected_for_ms.map_or(0, count),
        ejections: count(endpoint.ejections),
        in_flight: count(endpoint.in_flight),
        latency_ms: endpoint.latency_ms,
        calls: count(endpoint.calls),
        failures: count(endpoint.failures),
    }
}

fn source(view: MeshSnapshot) -> MeshSource {
    let problem = |(path, problem)| MeshPolicyProblem { path, problem };
    let pools = view.pools.into_iter().map(|(name, pool)| MeshPool {
        name,
        size: count(pool.size),
        in_flight: count(pool.in_flight),
        waiting: count(pool.pending),
    });
    MeshSource {
        source: view.source,
        layers: match view.layers {
            Layers::On => "on",
            Layers::Off => "off",
        }
        .to_owned(),
        policy_version: view.policy.version,
        policy_changes: count(view.policy.changes),
        policy_problems: view.policy.problems.into_iter().map(problem).collect(),
        pools: pools.collect(),
    }
}

fn decision((source, decision): (String, Decision)) -> MeshDecision {
    MeshDecision {
        decide_time: Some(timestamp(i64::try_from(decision.at_ms).unwrap_or(i64::MAX))),
        source,
        target: decision.target.to_string(),
        kind: kind(decision.kind).to_owned(),
        detail: match decision.times {
            1 => decision.detail,
            times => format!("{} ({times} times)", decision.detail),
        },
    }
}

fn kind(kind: DecisionKind) -> &'static str {
    match kind {
        DecisionKind::Retry => "retry",
        DecisionKind::Hedge => "hedge",
        DecisionKind::Eject => "eject",
        DecisionKind::Shed => "shed",
        DecisionKind::Breaker => "breaker",
        DecisionKind::Fallback => "fallback",
        DecisionKind::Fault => "fault",
        DecisionKind::Endpoint => "endpoint",
        DecisionKind::Reload => "reload",
        // The mesh may learn to do more before this tells of it.
        _ => "other",
    }
}

fn identity(proof: &covergen_mesh::Identity) -> MeshIdentity {
    let ends = proof.expires_at().duration_since(UNIX_EPOCH);
    let ends_ms = ends.map_or(0, |ends| {
        i64::try_from(ends.as_millis()).unwrap_or(i64::MAX)
    });
    MeshIdentity {
        spiffe_id: proof.id().to_string(),
        expire_time: Some(timestamp(ends_ms)),
    }
}

/// Counts are of 32 bits in contracts; larger ones are told as the largest.
fn count(number: impl TryInto<i32>) -> i32 {
    number.try_into().unwrap_or(i32::MAX)
}
