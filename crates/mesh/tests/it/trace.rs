//! What a trace tells of one call.

use std::{
    fmt::Debug,
    future::pending,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use futures::{StreamExt as _, stream};
use serde_json::json;
use tokio::sync::Notify;
use tracing::field::{Field, Visit};
use tracing_subscriber::{Layer, layer::Context, layer::SubscriberExt, registry::LookupSpan};

use crate::{
    fleet::{Replica, client, mesh_of, warm},
    probe::{Probe, READ, WRITE},
    world::{Kind, World, eventually},
};

/// Attempts as they were told: the span they stand in, endpoint, number.
#[derive(Clone, Default)]
struct Attempts(Arc<Mutex<Vec<(String, String, u64)>>>);

#[derive(Default)]
struct Fields {
    message: String,
    endpoint: String,
    attempt: u64,
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "message" {
            self.message = format!("{value:?}");
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "endpoint" {
            value.clone_into(&mut self.endpoint);
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "attempt" {
            self.attempt = value;
        }
    }
}

impl<S: tracing::Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Attempts {
    fn on_event(&self, event: &tracing::Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        if fields.message == "attempt" {
            let span = context.event_span(event).map(|span| span.name().to_owned());
            let told = (span.unwrap_or_default(), fields.endpoint, fields.attempt);
            self.0.lock().unwrap().push(told);
        }
    }
}

#[tokio::test]
async fn a_call_s_span_holds_each_attempt_and_its_endpoint() {
    let fleet = Replica::fleet(["a", "b"]).await;
    let mesh = mesh_of(
        &fleet,
        &json!({"loadBalancingConfig": [{"round_robin": {}}]}),
    );
    warm(&mesh, 2).await;
    fleet[0].set_broken(true);
    let attempts = Attempts::default();
    let subscriber = tracing_subscriber::registry().with(attempts.clone());
    let _installed = tracing::subscriber::set_default(subscriber);
    // One of two in turn begins at the broken one.
    for _ in 0..2 {
        assert_eq!(client(&mesh).text(READ).await.unwrap(), "b");
    }
    let told = attempts.0.lock().unwrap().clone();
    let attempt = |replica: &Replica, number| {
        let address = replica.server.address.to_string();
        told.contains(&("call".to_owned(), address, number))
    };
    assert!(attempt(&fleet[0], 1) && attempt(&fleet[1], 2), "{told:?}");
}

/// Spans in which something was told as it ended.
#[derive(Clone, Default)]
struct LastWords(Arc<Mutex<Vec<String>>>);

impl<S: tracing::Subscriber + for<'a> LookupSpan<'a>> Layer<S> for LastWords {
    fn on_event(&self, event: &tracing::Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        if fields.message == "last words" {
            let span = context.event_span(event).map(|span| span.name().to_owned());
            self.0.lock().unwrap().push(span.unwrap_or_default());
        }
    }
}

struct Teller;

impl Drop for Teller {
    fn drop(&mut self) {
        tracing::info!("last words");
    }
}

#[tokio::test]
async fn what_a_call_tells_as_it_is_given_up_stands_in_its_span() {
    let words = LastWords::default();
    let subscriber = tracing_subscriber::registry().with(words.clone());
    let _installed = tracing::subscriber::set_default(subscriber);
    let entered = Arc::<Notify>::default();
    let enters = Arc::clone(&entered);
    let probe = Probe::unary(move |_| {
        enters.notify_one();
        async {
            let _teller = Teller;
            pending().await
        }
    });
    let world = World::new(Kind::InProcess, probe).await;
    let mut client = world.client();
    // Biased, so that the handler has begun when it is seen to be called.
    tokio::select! {
        biased;
        answer = client.text(WRITE) => panic!("{answer:?}"),
        () = entered.notified() => {}
    }
    assert_eq!(*words.0.lock().unwrap(), ["serve"]);
}

#[tokio::test]
async fn what_a_stream_tells_as_it_is_given_up_stands_in_its_call_s_span() {
    let words = LastWords::default();
    let subscriber = tracing_subscriber::registry().with(words.clone());
    let _installed = tracing::subscriber::set_default(subscriber);
    let probe = Probe::stream(|_| async {
        let teller = Teller;
        let one = stream::iter([Ok(Bytes::from_static(b"one"))]);
        let messages = one.chain(stream::pending());
        Ok(messages.inspect(move |_| _ = &teller).boxed())
    });
    let world = World::new(Kind::InProcess, probe).await;
    let mut received = world.client().watch(Bytes::new()).await.unwrap();
    assert_eq!(received.get_mut().message().await.unwrap().unwrap(), "one");
    drop(received);
    eventually(|| !words.0.lock().unwrap().is_empty()).await;
    assert_eq!(*words.0.lock().unwrap(), ["serve"]);
}
