//! Request id, trace, span and RED metrics of every call served.

use std::{
    pin::pin,
    sync::{Arc, PoisonError, RwLock, atomic::Ordering},
};

use http::{HeaderValue, header::USER_AGENT};
use tokio::time::Instant;
use tonic::{Code, Status, body::Body};
use tracing::{Instrument, Span, field};

use super::{Answer, Arrival, Inbound, InboundData, Owners, Reply, Tail};
use crate::{
    CallContext, MethodFacts, MethodLookup, Peer, Propagator, RequestId, TraceParent,
    by_name::ByName,
    client::AGENT,
    hop::Hop,
    red::{Measure, Red, Side, trailing_code},
    request_id::REQUEST_ID,
    status::PUSHBACK,
    user_type,
};

const DO_NOT_RETRY: HeaderValue = HeaderValue::from_static("-1");

/// Names the call, follows it to its last frame, and answers for the layers
/// below: what they refuse becomes a gRPC answer here.
pub(crate) struct Observe<H> {
    owners: Owners,
    lookup: MethodLookup,
    propagator: Arc<dyn Propagator>,
    methods: RwLock<ByName<String, Served>>,
    inner: H,
}

/// One method; `Red` by the calling service.
struct Served {
    facts: Option<MethodFacts>,
    red: ByName<String, Arc<Red>>,
}

impl<H: Hop<Inbound, Answer = Answer, Failure = Status>> Observe<H> {
    pub(crate) fn new(
        owners: Owners,
        lookup: MethodLookup,
        propagator: Arc<dyn Propagator>,
        inner: H,
    ) -> Self {
        Self {
            owners,
            lookup,
            propagator,
            methods: RwLock::default(),
            inner,
        }
    }

    pub(crate) async fn handle(&self, arrival: Arrival) -> Reply {
        let at = Instant::now();
        let Arrival {
            head,
            content,
            told,
            draining,
        } = arrival;
        let source = head.extensions.get::<Peer>().map_or("network", Peer::label);
        let (facts, red) = self.find(head.uri.path(), source);
        let given = told.request_id;
        let given = given.or_else(|| RequestId::from_headers(&head.headers));
        // Our own clients know what they sent: the wire need not carry it back.
        let tells_id = given.is_none() || head.headers.get(USER_AGENT) != Some(&AGENT);
        let request_id = given.unwrap_or_else(RequestId::mint);
        // No local parent, even in process: what joins the two sides is the
        // trace that the headers carry, as over a wire.
        let span = tracing::info_span!(
            parent: None,
            "serve",
            otel.kind = "server",
            service = red.target(),
            method = head.uri.path(),
            %request_id,
            trace_id = field::Empty,
            code = field::Empty,
        );
        let incoming = told.trace_parent;
        let incoming = incoming.or_else(|| TraceParent::from_headers(&head.headers));
        let trace_parent = self.adopt(&span, incoming);
        let context = CallContext::incoming(request_id.clone(), trace_parent)
            .with_user_type(user_type::from_headers(&head.headers));
        // Not the context itself, which the layers below change in place as
        // long as it is theirs alone.
        let retried_below = context.retried_below();
        let inbound = Box::new(InboundData {
            head,
            content,
            facts,
            at,
            ends_at: told.ends_at,
            draining,
            context,
            tail: Tail::default(),
        });
        let measure = Measure::start(red, span.clone(), at);
        // The span is around the call itself and not around how it is polled:
        // one that is given up says its last words within it, too.
        let answering = pin!(self.inner.call(inbound).instrument(span));
        let result = answering.await;
        let mut answer = result.unwrap_or_else(|status| status.into_http().into());
        let headers = answer.response.headers_mut();
        if tells_id {
            headers.insert(REQUEST_ID, request_id.header());
        }
        if retried_below.load(Ordering::Relaxed) && trailing_code(headers) == Code::Unavailable {
            headers.insert(PUSHBACK, DO_NOT_RETRY);
        }
        follow(answer, measure, facts.is_some_and(MethodFacts::is_unary))
    }

    fn adopt(&self, span: &Span, incoming: Option<TraceParent>) -> TraceParent {
        let own = self.propagator.adopt(span, incoming);
        if !span.is_disabled() {
            span.record("trace_id", format!("{:032x}", own.trace_id));
        }
        own
    }

    /// Only methods of a contract are kept, what is in none once for each
    /// service, and only sources of this process have names: all bound the map.
    fn find(&self, path: &str, source: &str) -> (Option<MethodFacts>, Arc<Red>) {
        let methods = self.methods.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(served) = methods.get(path)
            && let Some(red) = served.red.get(source)
        {
            return (served.facts, Arc::clone(red));
        }
        drop(methods);
        let facts = (self.lookup)(path);
        let owner = self.owners.of(path);
        let (key, label) = match facts {
            Some(_) => (path, path),
            None => (&**owner, "other"),
        };
        let mut methods = self.methods.write().unwrap_or_else(PoisonError::into_inner);
        let served = methods.entry(key.to_owned()).or_insert_with(|| Served {
            facts,
            red: ByName::default(),
        });
        let red = served.red.entry(source.to_owned());
        let red = red.or_insert_with(|| Arc::new(Red::new(Side::Server, source, owner, label)));
        (facts, Arc::clone(red))
    }
}

/// Measures until the answer's last frame, or now if it has none.
fn follow(mut answer: Answer, mut measure: Measure, is_unary: bool) -> Reply {
    let headers = answer.response.headers();
    if headers.contains_key(Status::GRPC_STATUS) {
        measure.ended(trailing_code(headers));
        return answer.response.into();
    }
    if !is_unary {
        // A stream's messages are made while it is polled: inside the call's
        // span. What follows the answer stays around it, where it can end it
        // whether or not anybody asks for a message.
        let span = measure.span().clone();
        let entered = |body| Body::new(Entered { span, body });
        answer.response = answer.response.map(entered);
    }
    answer.followed(measure)
}

struct Entered {
    span: Span,
    body: Body,
}

// One that is given up says its last words within it, too.
impl Drop for Entered {
    fn drop(&mut self) {
        let _entered = self.span.enter();
        self.body = Body::empty();
    }
}

impl http_body::Body for Entered {
    type Data = bytes::Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<bytes::Bytes>, Status>>> {
        let this = &mut *self;
        let _entered = this.span.enter();
        std::pin::Pin::new(&mut this.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.body.size_hint()
    }
}
