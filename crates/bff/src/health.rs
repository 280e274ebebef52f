//! `/health/live` and `/health/ready`.

use std::sync::Arc;

use async_trait::async_trait;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use serde::Serialize;

use crate::app::App;

/// Knows whether what the process needs is there.
#[async_trait]
pub trait Readiness: Send + Sync + 'static {
    /// Looks at every dependency; must be quick, as orchestrators ask often.
    async fn check(&self) -> Vec<Check>;
}

/// The state of one dependency.
#[derive(Debug, Clone, Serialize)]
pub struct Check {
    /// What was looked at.
    pub name: String,
    /// It is there.
    pub ready: bool,
    /// A word on what is wrong; empty when nothing is.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

#[derive(Serialize)]
struct Report {
    status: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    checks: Vec<Check>,
}

/// The process answers, so it lives.
pub(crate) async fn live() -> Response {
    answer(
        StatusCode::OK,
        &Report {
            status: "ok",
            checks: Vec::new(),
        },
    )
}

/// Whether the process should be sent requests.
pub(crate) async fn ready(State(app): State<Arc<App>>) -> Response {
    let checks = match &app.readiness {
        Some(readiness) => readiness.check().await,
        None => Vec::new(),
    };
    if checks.iter().all(|check| check.ready) {
        answer(
            StatusCode::OK,
            &Report {
                status: "ok",
                checks,
            },
        )
    } else {
        let report = Report {
            status: "unavailable",
            checks,
        };
        answer(StatusCode::SERVICE_UNAVAILABLE, &report)
    }
}

fn answer(status: StatusCode, report: &Report) -> Response {
    let body = serde_json::to_vec(report).expect("a report holds only strings and booleans");
    let headers = [
        (CONTENT_TYPE, "application/json"),
        (CACHE_CONTROL, "no-store"),
    ];
    (status, headers, body).into_response()
}
