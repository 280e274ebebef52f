//! Streams pass through both stacks message by message.

use bytes::Bytes;
use futures::{StreamExt, stream};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Status};

use crate::{
    over_both_transports,
    probe::Probe,
    world::{Kind, World},
};

over_both_transports!(
    messages_arrive_in_order_and_whole,
    both_sides_may_speak_in_turns,
    a_failure_half_way_keeps_its_status,
    a_panic_half_way_is_internal,
    a_stream_is_not_read_ahead_without_bound,
);

async fn messages_arrive_in_order_and_whole(kind: Kind) {
    let probe = Probe::stream(|_| async {
        let messages = (0_usize..200).map(|n| Ok(Bytes::from(vec![n.to_le_bytes()[0]; n * 50])));
        Ok(stream::iter(messages).boxed())
    });
    let world = World::new(kind, probe).await;
    let mut received = world
        .client()
        .watch(Bytes::new())
        .await
        .unwrap()
        .into_inner();
    for n in 0_usize..200 {
        let message = received.message().await.unwrap().unwrap();
        assert_eq!(message, vec![n.to_le_bytes()[0]; n * 50]);
    }
    assert_eq!(received.message().await.unwrap(), None);
}

async fn both_sides_may_speak_in_turns(kind: Kind) {
    let world = World::new(kind, Probe::echo()).await;
    let (sender, messages) = mpsc::channel(1);
    let mut echoes = world
        .client()
        .chat(ReceiverStream::new(messages))
        .await
        .unwrap()
        .into_inner();
    for n in 0..10 {
        let message = Bytes::from(format!("message {n}"));
        sender.send(message.clone()).await.unwrap();
        assert_eq!(echoes.message().await.unwrap().unwrap(), message);
    }
    drop(sender);
    assert_eq!(echoes.message().await.unwrap(), None);
}

async fn a_failure_half_way_keeps_its_status(kind: Kind) {
    let probe = Probe::stream(|_| async {
        let messages = [
            Ok(Bytes::from_static(b"one")),
            Err(Status::aborted("changed")),
        ];
        Ok(stream::iter(messages).boxed())
    });
    let world = World::new(kind, probe).await;
    let mut received = world
        .client()
        .watch(Bytes::new())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(received.message().await.unwrap().unwrap(), "one");
    let status = received.message().await.unwrap_err();
    assert_eq!(
        (status.code(), status.message()),
        (Code::Aborted, "changed")
    );
}

async fn a_panic_half_way_is_internal(kind: Kind) {
    let probe = Probe::stream(|_| async {
        let messages = stream::unfold(0, |sent| async move {
            // What is ready together is sent together; apart, it is two polls.
            tokio::task::yield_now().await;
            assert_eq!(sent, 0, "a secret");
            Some((Ok(Bytes::from_static(b"one")), 1))
        });
        Ok(messages.boxed())
    });
    let world = World::new(kind, probe).await;
    let mut received = world
        .client()
        .watch(Bytes::new())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(received.message().await.unwrap().unwrap(), "one");
    let status = received.message().await.unwrap_err();
    assert_eq!(status.code(), Code::Internal);
    assert!(!status.message().contains("secret"), "{status}");
    // The server lives on.
    world.client().text(crate::probe::READ).await.unwrap();
}

async fn a_stream_is_not_read_ahead_without_bound(kind: Kind) {
    let made = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = std::sync::Arc::clone(&made);
    let probe = Probe::stream(move |_| {
        let counted = std::sync::Arc::clone(&counted);
        async move {
            let messages = stream::repeat_with(move || {
                counted.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                Ok(Bytes::from(vec![0; 64 * 1024]))
            });
            Ok(messages.boxed())
        }
    });
    let world = World::new(kind, probe).await;
    let mut received = world
        .client()
        .watch(Bytes::new())
        .await
        .unwrap()
        .into_inner();
    received.message().await.unwrap().unwrap();
    for _ in 0..1_000 {
        tokio::task::yield_now().await;
    }
    // 200 messages are 12.5 MiB; windows and buffers hold about five.
    assert!(made.load(std::sync::atomic::Ordering::SeqCst) < 200);
}
