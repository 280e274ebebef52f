//! What a call carries from hop to hop.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use covergen_mesh::{CallContext, Caller, ClientHooks, Guard, OutgoingCall, Peer, TokenSource};
use futures::future::BoxFuture;
use http::{HeaderValue, header::AUTHORIZATION, request::Parts};
use tonic::{Code, Request, Status};

use crate::{
    client::Client,
    over_both_transports,
    probe::{Probe, READ, WATCH, lookup},
    world::{Kind, Setup, World},
};

over_both_transports!(
    a_handler_sees_who_the_guard_says_is_calling,
    what_the_guard_refuses_never_reaches_the_handler,
    request_id_and_trace_go_along_and_come_back,
    a_request_id_that_could_forge_a_log_line_is_replaced,
    the_group_of_a_request_is_told_at_every_hop,
    a_stream_is_made_under_its_context,
    extensions_stay_on_their_side,
);

/// Admits by token, as `Named`.
struct ByToken;

#[derive(Debug, PartialEq)]
struct Named(String);

impl Guard for ByToken {
    fn admit<'a>(&'a self, parts: &'a mut Parts) -> BoxFuture<'a, Result<Caller, Status>> {
        Box::pin(async {
            assert!(parts.extensions.get::<Peer>().is_some());
            let token = parts
                .headers
                .get(AUTHORIZATION)
                .and_then(|value| value.to_str().ok());
            match token.and_then(|value| value.strip_prefix("Bearer ")) {
                Some(name) => Ok(Caller::new(Named(name.to_owned()))),
                None => Err(Status::unauthenticated("who is it?")),
            }
        })
    }
}

/// The token is the caller's name, or the service's own.
struct Tokens;

impl TokenSource for Tokens {
    fn token(&self, call: &OutgoingCall<'_>) -> Result<Option<HeaderValue>, Status> {
        let name = call.context.and_then(|context| context.caller::<Named>());
        let name = name.map_or(call.source, |named| named.0.as_str());
        let value = HeaderValue::try_from(format!("Bearer {name}"));
        Ok(Some(value.map_err(|_| Status::internal("token"))?))
    }
}

fn guarded() -> Setup {
    Setup {
        guard: Arc::new(ByToken),
        client_hooks: ClientHooks::new(lookup).with_tokens(Arc::new(Tokens)),
        ..Setup::default()
    }
}

fn who() -> Probe {
    Probe::unary(|request| async move {
        let context = request.extensions().get::<CallContext>().expect("is set");
        let named = context.caller::<Named>().expect("the guard named it");
        Ok(Bytes::from(named.0.clone()))
    })
}

async fn a_handler_sees_who_the_guard_says_is_calling(kind: Kind) {
    let world = guarded().build(kind, who()).await;
    assert_eq!(world.client().text(READ).await.unwrap(), "tester");
    let context = CallContext::background().with_caller(Caller::new(Named("ada".into())));
    // Through the task …
    let mut client = world.client();
    let answer = context.scope(async move { client.text(READ).await }).await;
    assert_eq!(answer.unwrap(), "ada");
    // … or attached to the call.
    let mut request = Request::new(Bytes::new());
    request.extensions_mut().insert(context);
    let answer = world.client().unary(READ, request).await.unwrap();
    assert_eq!(answer.into_inner(), "ada");
}

async fn what_the_guard_refuses_never_reaches_the_handler(kind: Kind) {
    let setup = Setup {
        guard: Arc::new(ByToken),
        ..Setup::default()
    };
    let probe = Probe::unary(|_| async { Err(Status::internal("was reached")) });
    let world = setup.build(kind, probe).await;
    let status = world.client().text(READ).await.unwrap_err();
    assert_eq!(status.code(), Code::Unauthenticated);
}

/// `front` in process forwards to `back` over `kind`; both tell what they see.
async fn request_id_and_trace_go_along_and_come_back(kind: Kind) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let tell = move |seen: &Arc<Mutex<Vec<CallContext>>>| {
        seen.lock().unwrap().push(CallContext::current().unwrap());
    };
    let at_back = Arc::clone(&seen);
    let back = Probe::unary(move |_| {
        let seen = Arc::clone(&at_back);
        async move {
            tell(&seen);
            Ok(Bytes::new())
        }
    });
    let back = World::new(kind, back).await;
    let channel = back.mesh.channel("probe");
    let at_front = Arc::clone(&seen);
    let front = Probe::unary(move |_| {
        let (seen, mut client) = (Arc::clone(&at_front), Client::new(channel.clone()));
        async move {
            tell(&seen);
            client.text(READ).await.map(Bytes::from)
        }
    });
    let front = World::new(Kind::InProcess, front).await;
    let mut request = Request::new(Bytes::new());
    let metadata = request.metadata_mut();
    metadata.insert("x-request-id", "order-66".parse().unwrap());
    let answer = front.client().unary(READ, request).await.unwrap();
    assert_eq!(answer.metadata().get("x-request-id").unwrap(), "order-66");
    let seen = seen.lock().unwrap();
    let [first, second] = seen.as_slice() else {
        panic!("two handlers ran, not {}", seen.len());
    };
    assert_eq!(first.request_id().as_str(), "order-66");
    assert_eq!(second.request_id().as_str(), "order-66");
    let (first, second) = (first.trace_parent(), second.trace_parent());
    assert_eq!(first.trace_id, second.trace_id);
    assert_ne!(first.span_id, second.span_id);
}

async fn a_request_id_that_could_forge_a_log_line_is_replaced(kind: Kind) {
    let world = World::new(kind, Probe::echo()).await;
    let mut request = Request::new(Bytes::new());
    let forged = "x\" level=\"error".parse().unwrap();
    request.metadata_mut().insert("x-request-id", forged);
    let answer = world.client().unary(READ, request).await.unwrap();
    let id = answer
        .metadata()
        .get("x-request-id")
        .unwrap()
        .to_str()
        .unwrap();
    assert_eq!(id.len(), 36, "{id}");
}

/// `front` over `kind` asks `back` in process, which tells the group it sees.
async fn the_group_of_a_request_is_told_at_every_hop(kind: Kind) {
    let back = Probe::unary(|request| async move {
        let group = request.metadata().get("x-user-type");
        let group = group.map_or("none", |group| group.to_str().unwrap());
        Ok(Bytes::from(group.to_owned()))
    });
    let back = World::new(Kind::InProcess, back).await;
    let channel = back.mesh.channel("probe");
    let front = Probe::unary(move |_| {
        let mut client = Client::new(channel.clone());
        async move { client.text(READ).await.map(Bytes::from) }
    });
    let front = World::new(kind, front).await;
    for (given, told) in [
        (Some("beta"), "beta"),
        (Some("be ta"), "none"),
        (None, "none"),
    ] {
        let mut request = Request::new(Bytes::new());
        if let Some(given) = given {
            let metadata = request.metadata_mut();
            metadata.insert("x-user-type", given.parse().unwrap());
        }
        let answer = front.client().unary(READ, request).await.unwrap();
        assert_eq!(answer.into_inner(), told, "{given:?}");
    }
}

async fn a_stream_is_made_under_its_context(kind: Kind) {
    let probe = Probe::stream(|_| async {
        let messages = futures::stream::once(async {
            let context = CallContext::current().expect("a stream has its call's context");
            Ok(Bytes::from(context.request_id().to_string()))
        });
        Ok(Box::pin(messages) as _)
    });
    let world = World::new(kind, probe).await;
    let context = CallContext::background();
    let mut request = Request::new(Bytes::new());
    request.extensions_mut().insert(context.clone());
    let mut stream = world.client().watch(request).await.unwrap().into_inner();
    let told = stream.message().await.unwrap().unwrap();
    assert_eq!(told, context.request_id().as_str(), "{WATCH}");
}

async fn extensions_stay_on_their_side(kind: Kind) {
    #[derive(Clone)]
    struct Private;
    let probe = Probe::unary(|request| async move {
        let leaked = request.extensions().get::<Private>().is_some();
        Ok(Bytes::from(leaked.to_string()))
    });
    let world = World::new(kind, probe).await;
    let mut request = Request::new(Bytes::new());
    request.extensions_mut().insert(Private);
    let answer = world.client().unary(READ, request).await.unwrap();
    assert_eq!(answer.into_inner(), "false");
}
