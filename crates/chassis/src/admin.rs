//! What operators' tools read: health and metrics, on a port of its own.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;
use covergen_telemetry::Telemetry;

use crate::engines::Engines;
use crate::mesh_view;

#[derive(Clone)]
struct Admin {
    telemetry: Telemetry,
    engines: Arc<Engines>,
    mesh: mesh_view::Api,
}

pub(crate) fn router(telemetry: Telemetry, mesh: mesh_view::Api) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .route("/health/live", get(|| async { "alive\n" }))
        .route("/health/ready", get(ready))
        .route("/mesh", get(mesh_now))
        .with_state(Admin {
            telemetry,
            engines: Arc::clone(&mesh.engines),
            mesh,
        })
}

async fn metrics(State(admin): State<Admin>) -> impl IntoResponse {
    admin.engines.observe().await;
    (
        [(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
        admin.telemetry.render(),
    )
}

async fn ready(State(admin): State<Admin>) -> impl IntoResponse {
    let problems = admin.engines.problems().await;
    if problems.is_empty() {
        (StatusCode::OK, "ready\n".to_owned())
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, problems.join("\n") + "\n")
    }
}

/// What `MeshService/GetMesh` answers, in the same JSON.
async fn mesh_now(State(admin): State<Admin>) -> impl IntoResponse {
    axum::Json(admin.mesh.view().await)
}
