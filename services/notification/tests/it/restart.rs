use covergen_proto::notification::v1::GetPushKeyRequest;
use covergen_proto::notification::v1::webhook_delivery::Status as Delivered;

use crate::receiver::{Receiver, Reply};
use crate::world::{on_both, on_both_with};

#[tokio::test]
async fn a_message_that_was_being_sent_is_sent_by_the_next_process() {
    // The receiver never answers, so the process ends in the middle.
    let settings = "lease_ms = 3000\nrequest_timeout_ms = 600000";
    on_both_with(settings, async |world| {
        let ada = world.harness.creator();
        let receiver = Receiver::start().await;
        receiver.script([Reply::never()]);
        let made = world.webhook(&ada, &receiver.url("/")).await;
        world.generated(&ada).await;
        let first = receiver.eventually_received(1).await;
        let world = world.restart().await;
        let id = made.webhook.unwrap().id;
        let delivery = world
            .eventually_delivered(&ada, &id, Delivered::Succeeded)
            .await;
        let received = receiver.received();
        assert!(received.len() >= 2);
        for message in &received {
            assert_eq!(message.header("webhook-id"), delivery.message_id);
            assert_eq!(message.body, first[0].body);
        }
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn devices_stay_subscribed_to_the_same_key() {
    on_both(async |world| {
        let ada = world.harness.creator();
        let key = world.push(&ada).get_push_key(GetPushKeyRequest {}).await;
        let key = key.unwrap().into_inner();
        let world = world.restart().await;
        let again = world.push(&ada).get_push_key(GetPushKeyRequest {}).await;
        assert_eq!(again.unwrap().into_inner(), key);
        world.harness.stop().await;
    })
    .await;
}
