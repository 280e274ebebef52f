//! Whoever stops waiting stops the work.

use std::{
    future::pending,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use futures::{StreamExt, stream};
use tokio::sync::oneshot;

use crate::{
    over_both_transports,
    probe::{Probe, QUICK, WRITE},
    world::{DropSign, Kind, World},
};

over_both_transports!(
    a_dropped_call_ends_its_handler,
    a_call_past_its_deadline_ends_its_handler,
    a_dropped_stream_ends_its_source,
    a_handler_that_ends_drops_what_it_was_sent,
);

/// Takes something once out of a closure that may be called often.
fn once<T>(value: T) -> impl Fn() -> T + Send + Sync
where
    T: Send,
{
    let value = Mutex::new(Some(value));
    move || value.lock().unwrap().take().expect("called once")
}

fn hanging() -> (Probe, oneshot::Receiver<()>, oneshot::Receiver<()>) {
    let (entered, has_entered) = oneshot::channel();
    let (sign, dropped) = DropSign::new();
    let take = once((entered, sign));
    let probe = Probe::unary(move |_| {
        let (entered, sign) = take();
        async move {
            entered.send(()).unwrap();
            let _sign = sign;
            pending().await
        }
    });
    (probe, has_entered, dropped)
}

async fn a_dropped_call_ends_its_handler(kind: Kind) {
    let (probe, entered, dropped) = hanging();
    let world = World::new(kind, probe).await;
    let mut client = world.client();
    let call = tokio::spawn(async move { client.text(WRITE).await });
    entered.await.unwrap();
    call.abort();
    dropped.await.unwrap();
}

async fn a_call_past_its_deadline_ends_its_handler(kind: Kind) {
    let (probe, entered, dropped) = hanging();
    let world = World::new(kind, probe).await;
    world.client().text(QUICK).await.unwrap_err();
    entered.await.unwrap();
    dropped.await.unwrap();
}

async fn a_dropped_stream_ends_its_source(kind: Kind) {
    let (sign, dropped) = DropSign::new();
    let take = once(sign);
    let probe = Probe::stream(move |_| {
        let sign = take();
        let messages = stream::once(async { Ok(Bytes::from_static(b"first")) })
            .chain(stream::pending())
            .map(move |message| {
                let _keep = &sign;
                message
            });
        async move { Ok(messages.boxed()) }
    });
    let world = World::new(kind, probe).await;
    let mut stream = world
        .client()
        .watch(Bytes::new())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(stream.message().await.unwrap().unwrap(), "first");
    drop(stream);
    dropped.await.unwrap();
}

async fn a_handler_that_ends_drops_what_it_was_sent(kind: Kind) {
    let probe = Probe::stream(|request| async move {
        let mut messages = request.into_inner();
        let first = messages.message().await?.unwrap();
        Ok(stream::once(async { Ok(first) }).boxed())
    });
    let world = World::new(kind, probe).await;
    let (sign, dropped) = DropSign::new();
    let sign = Arc::new(sign);
    let endless = stream::repeat_with(move || {
        let _keep = &sign;
        // Large enough for flow control to stop it: a flood of small ones is an
        // attack to the HTTP/2 library, which then ends the connection.
        Bytes::from_static(&[7; 16 * 1024])
    })
    .then(|message| async {
        tokio::task::yield_now().await;
        message
    });
    let mut answers = world.client().chat(endless).await.unwrap().into_inner();
    assert_eq!(answers.message().await.unwrap().unwrap().len(), 16 * 1024);
    assert_eq!(answers.message().await.unwrap(), None);
    dropped.await.unwrap();
}
