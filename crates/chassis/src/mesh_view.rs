//! How the mesh stands in this process, for operators.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use covergen_mesh::{CircuitState, EndpointState, Mesh, MeshSnapshot, TargetSnapshot};
use covergen_proto::mesh::v1::mesh_service_server::MeshService;
use covergen_proto::mesh::v1::{GetMeshRequest, MeshEndpoint, MeshRoute, MeshView};
use tonic::{Request, Response, Status};

use crate::engines::Engines;

/// The name that the mesh's own service is reached by.
pub(crate) const NAME: &str = "mesh";

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

/// Answers for this process.
pub(crate) struct Api {
    pub(crate) services: BTreeSet<&'static str>,
    pub(crate) views: Views,
    pub(crate) engines: Arc<Engines>,
}

#[tonic::async_trait]
impl MeshService for Api {
    async fn get_mesh(&self, _: Request<GetMeshRequest>) -> Result<Response<MeshView>, Status> {
        let mut routes: Vec<MeshRoute> = self
            .views
            .snapshots()
            .into_iter()
            .flat_map(|view| {
                let source = view.source;
                view.targets
                    .into_iter()
                    .map(move |(target, state)| route(&source, target, state))
            })
            .collect();
        routes.sort_by(|a, b| (&a.source, &a.target).cmp(&(&b.source, &b.target)));
        Ok(Response::new(MeshView {
            services: self.services.iter().map(ToString::to_string).collect(),
            routes,
            problems: self.engines.problems().await,
        }))
    }
}

fn route(source: &str, target: String, state: TargetSnapshot) -> MeshRoute {
    let count = |count: u32| i32::try_from(count).unwrap_or(i32::MAX);
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
        in_flight: count(
            state
                .in_flight
                .calls
                .saturating_add(state.in_flight.streams),
        ),
        waiting: count(state.in_flight.pending),
        endpoints: state
            .endpoints
            .into_iter()
            .map(|endpoint| MeshEndpoint {
                address: endpoint.address,
                state: match endpoint.state {
                    EndpointState::Idle => "idle",
                    EndpointState::Connecting => "connecting",
                    EndpointState::Ready => "ready",
                    EndpointState::Shunned => "shunned",
                }
                .to_owned(),
            })
            .collect(),
    }
}
