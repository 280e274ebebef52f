//! Asks an endpoint whether it serves.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use http::{Request, Response};
use tokio::time::timeout;
use tonic::{Code, Status, body::Body};
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};

use super::HealthRules;
use crate::{
    body::Content,
    transport::{Endpoint, Lease},
};

/// Longest wait for an answer of whom nobody calls: the next look is not far.
const LOOK_TIMEOUT: Duration = Duration::from_secs(2);

/// `None` when it cannot be said: there is no connection, which is looked
/// after elsewhere. An endpoint without a health service is healthy as long as
/// it says so (gRFC A17).
pub(super) async fn check(endpoint: &Arc<Endpoint>, rules: &HealthRules) -> Option<bool> {
    let lease = Lease::ready(endpoint)?;
    let answer = timeout(rules.timeout, ask(lease, &rules.service)).await;
    Some(match answer {
        Ok(Ok(status)) => status == ServingStatus::Serving,
        Ok(Err(status)) => match status.code() {
            Code::Unimplemented => true,
            // It answers, and has never heard of the service asked about.
            Code::NotFound => false,
            // Who guards his health has a server that answers.
            Code::Unauthenticated | Code::PermissionDenied => true,
            // The connection was closing, which says nothing of who is behind it.
            Code::Unavailable if !endpoint.is_ready() => return None,
            _ => false,
        },
        Err(_) => false,
    })
}

/// Whether an endpoint serves, on a connection made for it if there is none.
/// Who answers and tells nothing of the service does: there is somebody again.
pub(super) async fn serves(endpoint: &Arc<Endpoint>, service: &str) -> bool {
    let asked = async {
        match Lease::looking(endpoint).await {
            Ok(lease) => ask(lease, service).await,
            Err(problem) => Err(Status::unavailable(problem.to_string())),
        }
    };
    match timeout(LOOK_TIMEOUT, asked).await {
        Ok(Ok(status)) => status == ServingStatus::Serving,
        Ok(Err(status)) => matches!(
            status.code(),
            Code::Unimplemented | Code::NotFound | Code::Unauthenticated | Code::PermissionDenied
        ),
        Err(_) => false,
    }
}

async fn ask(lease: Lease, service: &str) -> Result<ServingStatus, Status> {
    let mut client = HealthClient::new(Direct(lease));
    let request = HealthCheckRequest {
        service: service.to_owned(),
    };
    let answer = client.check(request).await?;
    Ok(answer.into_inner().status())
}

/// One endpoint without any layer in between.
struct Direct(Lease);

impl tower::Service<Request<Body>> for Direct {
    type Response = Response<Body>;
    type Error = Status;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Status>> + Send>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Status>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let (mut head, body) = request.into_parts();
        head.extensions.clear();
        let sent = self.0.send(head, Content::Streamed(body));
        Box::pin(async move {
            match sent.await {
                Ok(response) => Ok(response),
                Err(unsent) => Err(unsent.into_status()),
            }
        })
    }
}
