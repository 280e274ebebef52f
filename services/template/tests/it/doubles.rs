//! user, safety and media at the wire: just the answers that template asks
//! for. They are real servers behind the real mesh and guard; what they know,
//! the test says. Whole services of theirs run in the platform's own tests.

use std::collections::{HashMap, HashSet};
use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context as Poller, Poll};

use covergen_chassis::{Context, Service, Wiring, principal};
use covergen_events::EventLog;
use covergen_proto::Validate;
use covergen_proto::codec::ValidatingCodec;
use covergen_proto::media::v1::{Asset, GetAssetRequest};
use covergen_proto::safety::v1::{CheckTextRequest, Match, Verdict};
use covergen_proto::user::v1::{Entitlements, GetEntitlementsRequest};
use tonic::body::Body;
use tonic::server::NamedService;
use tonic::{Request, Response, Status};

/// What a tier has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tier {
    Free,
    Pro,
    ProPlus,
}

/// What the doubles know; shared with the test, and across restarts.
#[derive(Clone, Default)]
pub(crate) struct Known(Arc<Mutex<Facts>>);

#[derive(Default)]
struct Facts {
    tiers: HashMap<String, Tier>,
    /// Workspace and asset.
    assets: HashSet<(String, String)>,
    events: Option<Arc<dyn EventLog>>,
}

impl Known {
    /// Sets somebody's tier; without one they have the free one.
    pub(crate) fn set_tier(&self, user: &impl ToString, tier: Tier) {
        self.0.lock().unwrap().tiers.insert(user.to_string(), tier);
    }

    /// Stores an image in a workspace.
    pub(crate) fn add_asset(&self, workspace: &impl ToString, asset: &impl ToString) {
        let entry = (workspace.to_string(), asset.to_string());
        self.0.lock().unwrap().assets.insert(entry);
    }

    /// The log that everybody publishes to.
    pub(crate) fn events(&self) -> Arc<dyn EventLog> {
        let facts = self.0.lock().unwrap();
        Arc::clone(facts.events.as_ref().expect("the doubles have started"))
    }

    /// The doubles as services.
    pub(crate) fn services(&self) -> Vec<Service> {
        let (user, safety, media) = (self.clone(), self.clone(), self.clone());
        vec![
            Service::new("user", move |context: Context| async move {
                user.0.lock().unwrap().events = Some(Arc::clone(&context.events));
                Ok(Wiring::new().grpc(User(user)))
            }),
            Service::new("safety", |_| async {
                Ok(Wiring::new().grpc(Safety(safety)))
            }),
            Service::new("media", |_| async { Ok(Wiring::new().grpc(Media(media))) }),
        ]
    }

    fn entitlements(&self, request: &GetEntitlementsRequest) -> Result<Entitlements, Status> {
        let facts = self.0.lock().unwrap();
        let tier = facts.tiers.get(&request.user_id).copied();
        let tier = tier.unwrap_or(Tier::Free);
        Ok(Entitlements {
            watermark: tier == Tier::Free,
            premium_templates: tier != Tier::Free,
            brand_kits: tier != Tier::Free,
            custom_templates: tier == Tier::ProPlus,
            ..Entitlements::default()
        })
    }

    fn asset(&self, request: GetAssetRequest) -> Result<Asset, Status> {
        let workspace = principal()?.workspace_id.to_string();
        let facts = self.0.lock().unwrap();
        if facts
            .assets
            .contains(&(workspace, request.asset_id.clone()))
        {
            return Ok(Asset {
                id: request.asset_id,
                ..Asset::default()
            });
        }
        Err(Status::not_found("there is no such asset"))
    }
}

/// The rule of these doubles: nobody writes `forbidden`.
fn verdict(request: &CheckTextRequest) -> Verdict {
    let flagged = request.texts.iter().any(|text| text.contains("forbidden"));
    let found = Match {
        category: "violence".to_owned(),
        rule_id: "rule-1".to_owned(),
        ..Match::default()
    };
    Verdict {
        flagged,
        matches: if flagged { vec![found] } else { Vec::new() },
        ..Verdict::default()
    }
}

/// A gRPC service with one RPC; the others are not there.
macro_rules! double {
    ($double:ident, $name:literal, $rpc:literal, |$known:ident, $request:ident: $input:ty| $answer:expr) => {
        #[derive(Clone)]
        struct $double(Known);

        impl NamedService for $double {
            const NAME: &'static str = $name;
        }

        impl tower::Service<http::Request<Body>> for $double {
            type Response = http::Response<Body>;
            type Error = Infallible;
            type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

            fn poll_ready(&mut self, _: &mut Poller<'_>) -> Poll<Result<(), Infallible>> {
                Poll::Ready(Ok(()))
            }

            fn call(&mut self, call: http::Request<Body>) -> Self::Future {
                let $known = self.0.clone();
                Box::pin(async move {
                    if call.uri().path() != concat!("/", $name, "/", $rpc) {
                        return Ok(Status::unimplemented("not in this double").into_http());
                    }
                    let answer = move |$request: $input| $answer;
                    Ok(unary(call, answer).await)
                })
            }
        }
    };
}

double!(
    User,
    "covergen.user.v1.UserService",
    "GetEntitlements",
    |known, request: GetEntitlementsRequest| known.entitlements(&request)
);
double!(
    Safety,
    "covergen.safety.v1.SafetyService",
    "CheckText",
    |_known, request: CheckTextRequest| Ok::<_, Status>(verdict(&request))
);
double!(
    Media,
    "covergen.media.v1.MediaService",
    "GetAsset",
    |known, request: GetAssetRequest| known.asset(request)
);

async fn unary<I, O, F>(call: http::Request<Body>, answer: F) -> http::Response<Body>
where
    I: prost::Message + Validate + Default + Send + 'static,
    O: prost::Message + Send + Sync + 'static,
    F: Fn(I) -> Result<O, Status> + Send + Sync + Clone + 'static,
{
    let codec = ValidatingCodec::<O, I>::default();
    let method = tower::service_fn(move |request: Request<I>| {
        let answer = answer.clone();
        async move { answer(request.into_inner()).map(Response::new) }
    });
    tonic::server::Grpc::new(codec).unary(method, call).await
}
