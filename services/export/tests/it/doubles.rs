//! cover and user at the wire: just the two answers that export asks for.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use covergen_chassis::{Service, Wiring, principal};
use covergen_proto::cover::v1 as cover;
use covergen_proto::user::v1 as user;
use futures::future::BoxFuture;
use tonic::body::Body;
use tonic::server::{Grpc, NamedService, UnaryService};
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;

type Answer<T> = Result<Response<T>, Status>;

/// What the doubles know; shared with the test, and across restarts.
#[derive(Clone, Default)]
pub(crate) struct Known(Arc<Mutex<Facts>>);

#[derive(Default)]
struct Facts {
    designs: HashMap<String, cover::Design>,
    paid: bool,
    asked: usize,
}

impl Known {
    /// Adds a cover.
    pub(crate) fn add(&self, design: cover::Design) {
        let mut facts = self.0.lock().unwrap();
        facts.designs.insert(design.cover_id.clone(), design);
    }

    /// Removes every cover.
    pub(crate) fn forget_covers(&self) {
        self.0.lock().unwrap().designs.clear();
    }

    /// From now on everybody pays.
    pub(crate) fn everybody_pays(&self) {
        self.0.lock().unwrap().paid = true;
    }

    /// How often a design was asked for.
    pub(crate) fn designs_asked(&self) -> usize {
        self.0.lock().unwrap().asked
    }

    /// The doubles as services.
    pub(crate) fn services(&self) -> Vec<Service> {
        let (covers, users) = (Covers(self.clone()), Users(self.clone()));
        vec![
            Service::new("cover", |_| async { Ok(Wiring::new().grpc(covers)) }),
            Service::new("user", |_| async { Ok(Wiring::new().grpc(users)) }),
        ]
    }

    fn design(&self, id: &str) -> Result<cover::Design, Status> {
        let workspace = principal()?.workspace_id.to_string();
        let mut facts = self.0.lock().unwrap();
        facts.asked += 1;
        facts
            .designs
            .get(id)
            .filter(|design| design.workspace_id == workspace)
            .cloned()
            .ok_or_else(|| Status::not_found("there is no such cover"))
    }
}

impl UnaryService<cover::GetDesignRequest> for Known {
    type Response = cover::Design;
    type Future = BoxFuture<'static, Answer<cover::Design>>;

    fn call(&mut self, request: Request<cover::GetDesignRequest>) -> Self::Future {
        let known = self.clone();
        Box::pin(async move { known.design(&request.get_ref().cover_id).map(Response::new) })
    }
}

impl UnaryService<user::GetEntitlementsRequest> for Known {
    type Response = user::Entitlements;
    type Future = BoxFuture<'static, Answer<user::Entitlements>>;

    fn call(&mut self, _: Request<user::GetEntitlementsRequest>) -> Self::Future {
        let watermark = !self.0.lock().unwrap().paid;
        Box::pin(async move {
            Ok(Response::new(user::Entitlements {
                watermark,
                ..user::Entitlements::default()
            }))
        })
    }
}

/// A service of one RPC: the contract's others are not there, however many it
/// gains.
macro_rules! double {
    ($name:ident, $service:literal, $method:literal, $request:ty, $response:ty) => {
        #[derive(Clone)]
        struct $name(Known);

        impl NamedService for $name {
            const NAME: &'static str = $service;
        }

        impl tower::Service<http::Request<Body>> for $name {
            type Response = http::Response<Body>;
            type Error = Infallible;
            type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

            fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
                Poll::Ready(Ok(()))
            }

            fn call(&mut self, request: http::Request<Body>) -> Self::Future {
                let known = self.0.clone();
                Box::pin(async move {
                    if request.uri().path() != concat!("/", $service, "/", $method) {
                        return Ok(Status::unimplemented("not in this double").into_http());
                    }
                    let codec = ProstCodec::<$response, $request>::default();
                    Ok(Grpc::new(codec).unary(known, request).await)
                })
            }
        }
    };
}

double!(
    Covers,
    "covergen.cover.v1.CoverService",
    "GetDesign",
    cover::GetDesignRequest,
    cover::Design
);
double!(
    Users,
    "covergen.user.v1.UserService",
    "GetEntitlements",
    user::GetEntitlementsRequest,
    user::Entitlements
);
