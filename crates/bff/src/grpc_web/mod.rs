//! gRPC-web, binary and text: passed on to the backend as it is.
//!
//! tonic-web turns gRPC-web into gRPC and back; in between stands a small
//! proxy that admits the caller, mints the internal metadata and forwards the
//! one request message without decoding it. The allow-list is the audience's
//! RPCs, generated from the same annotations as its REST routes.

mod bounded;
mod forward;
mod frame;
mod watch;

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use tonic_web::GrpcWebLayer;
use tower::{Layer, ServiceExt, service_fn};

use crate::app::App;
use crate::body;
use crate::dispatch::edge_of;

/// Answers a request whose content type begins with `application/grpc`.
pub(crate) async fn serve(app: Arc<App>, request: Request) -> Response {
    let is_web = request
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"application/grpc-web"));
    if !is_web {
        return body::unsupported("This address speaks REST and gRPC-web; gRPC has its own.")
            .with_request_id(&edge_of(&request).request_id)
            .into_response();
    }
    let edge = edge_of(&request);
    let proxy = service_fn(move |request: http::Request<tonic::body::Body>| {
        let (app, edge) = (app.clone(), edge.clone());
        async move {
            let answered = forward::forward(&app, &edge, request).await;
            Ok::<_, Infallible>(answered.unwrap_or_else(|problem| {
                problem
                    .with_request_id(&edge.request_id)
                    .to_status()
                    .into_http()
            }))
        }
    });
    let answered = GrpcWebLayer::new().layer(proxy).oneshot(request).await;
    match answered {
        Ok(response) => response.map(Body::new),
        Err(never) => match never {},
    }
}
