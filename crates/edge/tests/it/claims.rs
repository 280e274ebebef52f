//! A nonce of which it is not known whether it was used up.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use bytes::{BufMut as _, Bytes, BytesMut};
use covergen_chassis::{BoxError, Harness, Service, Wiring};
use covergen_identity::ApiKeySecret;
use covergen_proto::auth::v1::{ApiKey, ClaimSignatureNoncesRequest, NewApiKey, ResolvedApiKey};
use ed25519_dalek::SigningKey;
use futures::future::BoxFuture;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use http_body_util::{BodyExt as _, Full};
use prost::Message as _;
use tonic::Status;
use tonic::body::Body;
use tonic::server::NamedService;

use crate::signatures::{Signing, check, judge};

/// Knows one key, and which claim took each nonce.
#[derive(Clone, Default)]
struct Auth {
    key: Arc<Mutex<ResolvedApiKey>>,
    taken: Arc<Mutex<HashMap<Bytes, String>>>,
    /// What it answers to claims is lost on the way.
    is_lost: Arc<AtomicBool>,
}

impl Auth {
    fn claim(&self, request: &ClaimSignatureNoncesRequest) -> Result<(), Status> {
        let mut taken = self.taken.lock().unwrap();
        for hash in &request.nonce_hashes {
            let by = taken.entry(hash.clone());
            if *by.or_insert_with(|| request.claim_id.clone()) != request.claim_id {
                return Err(Status::already_exists("used"));
            }
        }
        if self.is_lost.load(Ordering::SeqCst) {
            return Err(Status::unavailable("lost"));
        }
        Ok(())
    }

    async fn answer(self, request: Request<Body>) -> Result<Vec<u8>, Status> {
        let (head, body) = request.into_parts();
        if head.uri.path().ends_with("/ResolveApiKey") {
            return Ok(self.key.lock().unwrap().encode_to_vec());
        }
        // Behind the flag and the length of its one message.
        let message = body.collect().await?.to_bytes().slice(5..);
        let request = ClaimSignatureNoncesRequest::decode(message).unwrap();
        self.claim(&request).map(|()| Vec::new())
    }
}

impl NamedService for Auth {
    const NAME: &'static str = "covergen.auth.v1.ApiKeyService";
}

impl tower::Service<Request<Body>> for Auth {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let auth = self.clone();
        Box::pin(async move {
            let message = match auth.answer(request).await {
                Ok(message) => message,
                Err(status) => return Ok(status.into_http()),
            };
            let mut framed = BytesMut::new();
            framed.put_u8(0);
            framed.put_u32(u32::try_from(message.len()).unwrap());
            framed.put_slice(&message);
            let status = HeaderName::from_static("grpc-status");
            let trailers = HeaderMap::from_iter([(status, HeaderValue::from_static("0"))]);
            let trailers = std::future::ready(Some(Ok(trailers)));
            let body = Full::new(framed.freeze()).with_trailers(trailers);
            let mut response = Response::new(Body::new(body));
            let grpc = HeaderValue::from_static("application/grpc");
            response.headers_mut().insert("content-type", grpc);
            Ok(response)
        })
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_whose_claim_was_not_answered_is_let_in_once_when_it_is_tried_again() {
    let auth = Auth::default();
    let service = auth.clone();
    let service = Service::new("auth", |_| async move {
        Ok::<_, BoxError>(Wiring::new().grpc(service))
    });
    let harness = Harness::start(vec![service]).await;
    let private = SigningKey::from_bytes(&[7; 32]);
    let secret = ApiKeySecret::generate(false).reveal().to_owned();
    let owner = harness.creator();
    *auth.key.lock().unwrap() = ResolvedApiKey {
        api_key_id: "key_one".to_owned(),
        user_id: owner.user_id.to_string(),
        workspace_id: owner.workspace_id.to_string(),
        signing_key: private.verifying_key().to_bytes().to_vec().into(),
        ..Default::default()
    };
    let key = ApiKey {
        id: "key_one".to_owned(),
        ..Default::default()
    };
    let made = NewApiKey {
        api_key: Some(key),
        secret: secret.clone(),
    };
    let signing = Signing { made, private };
    let headers = signing.headers_at(&harness, "nonce-number-1");
    let (one, other) = (judge(&harness), judge(&harness));
    auth.is_lost.store(true, Ordering::SeqCst);
    let problem = check(&one, &secret, &headers).await.unwrap_err();
    assert_eq!(problem.reason(), "SIGNATURE_NOT_CHECKED");
    auth.is_lost.store(false, Ordering::SeqCst);
    // Who does not know the claim cannot make it again.
    let problem = check(&other, &secret, &headers).await.unwrap_err();
    assert_eq!(problem.reason(), "SIGNATURE_REPLAYED");
    assert!(check(&one, &secret, &headers).await.unwrap().is_some());
    let problem = check(&one, &secret, &headers).await.unwrap_err();
    assert_eq!(problem.reason(), "SIGNATURE_REPLAYED");
}
