//! What the server stack does to calls that misbehave.

use bytes::Bytes;
use covergen_mesh::MAX_MESSAGE_BYTES;
use futures::StreamExt;
use tonic::Code;

use crate::{
    over_both_transports,
    probe::{Probe, READ, UNKNOWN},
    world::{Kind, World},
};

over_both_transports!(
    a_panic_is_internal_and_the_server_lives_on,
    the_largest_message_passes_both_ways,
    a_message_too_large_is_refused_before_it_is_sent,
    an_answer_too_large_is_refused_where_it_is_made,
    a_message_too_large_in_a_stream_is_refused,
    a_method_nobody_implements_is_unimplemented,
);

async fn a_panic_is_internal_and_the_server_lives_on(kind: Kind) {
    let probe = Probe::unary(|request| async move {
        assert!(request.get_ref().is_empty(), "a secret");
        Ok(Bytes::new())
    });
    let world = World::new(kind, probe).await;
    let status = world.client().text(READ).await.unwrap_err();
    assert_eq!(status.code(), Code::Internal);
    assert!(!status.message().contains("secret"), "{status}");
    world.client().unary(READ, Bytes::new()).await.unwrap();
}

async fn the_largest_message_passes_both_ways(kind: Kind) {
    let world = World::new(kind, Probe::echo()).await;
    let message = Bytes::from(vec![1; MAX_MESSAGE_BYTES]);
    let answer = world.client().unary(READ, message.clone()).await.unwrap();
    assert_eq!(answer.into_inner(), message);
}

async fn a_message_too_large_is_refused_before_it_is_sent(kind: Kind) {
    let world = World::new(kind, Probe::echo()).await;
    let message = Bytes::from(vec![1; MAX_MESSAGE_BYTES + 1]);
    let status = world.client().unary(READ, message).await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted);
}

async fn an_answer_too_large_is_refused_where_it_is_made(kind: Kind) {
    let probe = Probe::unary(|_| async { Ok(Bytes::from(vec![1; MAX_MESSAGE_BYTES + 1])) });
    let world = World::new(kind, probe).await;
    let status = world.client().text(READ).await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted);
    // The server's words: it saw the length, our client only that it was over.
    assert!(status.message().contains("4194305 bytes"), "{status}");
}

async fn a_message_too_large_in_a_stream_is_refused(kind: Kind) {
    let probe = Probe::stream(|request| async move {
        let counted = request
            .into_inner()
            .map(|message| message.map(|message| Bytes::from(message.len().to_string())));
        Ok(counted.boxed())
    });
    let world = World::new(kind, probe).await;
    let messages = [
        Bytes::from_static(b"ok"),
        Bytes::from(vec![1; MAX_MESSAGE_BYTES + 1]),
    ];
    // Messages that are ready together leave in one piece and fail together.
    let messages = futures::stream::iter(messages).then(|message| async {
        tokio::task::yield_now().await;
        message
    });
    let answers = world.client().chat(messages).await;
    let mut answers = answers.unwrap().into_inner();
    assert_eq!(answers.message().await.unwrap().unwrap(), "2");
    let status = answers.message().await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted);
}

async fn a_method_nobody_implements_is_unimplemented(kind: Kind) {
    let world = World::new(kind, Probe::echo()).await;
    // The probe's router knows its own service only.
    let status = world.client().text("/test.Other/Method").await.unwrap_err();
    assert_eq!(status.code(), Code::Unimplemented);
    assert_eq!(world.client().text(UNKNOWN).await.unwrap(), "hello");
}
