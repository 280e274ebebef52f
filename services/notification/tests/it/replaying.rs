use covergen_proto::notification::v1::webhook_delivery::Status as Delivered;
use covergen_proto::notification::v1::{
    ReplayWebhookDeliveriesRequest, ReplayWebhookDeliveryRequest, UpdateWebhookRequest,
    WebhookDraft,
};
use tonic::Code;

use crate::receiver::{Receiver, Reply};
use crate::world::{assert_refused, eventually, on_both};

fn enabling(id: &str, enabled: bool) -> UpdateWebhookRequest {
    UpdateWebhookRequest {
        webhook_id: id.to_owned(),
        webhook: Some(WebhookDraft {
            enabled: Some(enabled),
            ..WebhookDraft::default()
        }),
        ..UpdateWebhookRequest::default()
    }
}

#[tokio::test]
async fn a_message_is_sent_again_when_its_owner_asks_for_it() {
    on_both(async |world| {
        let (ada, eve) = (world.harness.creator(), world.harness.creator());
        let receiver = Receiver::start().await;
        let made = world.webhook(&ada, &receiver.url("/")).await;
        let id = made.webhook.unwrap().id;
        world.generated(&ada).await;
        let first = world
            .eventually_delivered(&ada, &id, Delivered::Succeeded)
            .await;
        let request = ReplayWebhookDeliveryRequest {
            webhook_id: id.clone(),
            delivery_id: first.id.clone(),
            request_id: "again".to_owned(),
        };
        let mut client = world.webhooks(&ada);
        for _ in 0..2 {
            let again = client.replay_webhook_delivery(request.clone()).await;
            assert_eq!(again.unwrap().into_inner().status(), Delivered::Pending);
        }
        let received = receiver.eventually_received(2).await;
        assert_eq!(received[1].header("webhook-id"), first.message_id);
        let foreign = world.webhooks(&eve).replay_webhook_delivery(request).await;
        assert_refused(foreign, Code::NotFound, "WEBHOOK_NOT_FOUND");
        world
            .eventually_delivered(&ada, &id, Delivered::Succeeded)
            .await;
        world.harness.stop().await;
        assert_eq!(receiver.received().len(), 2, "a key counts once");
    })
    .await;
}

#[tokio::test]
async fn what_was_missed_is_sent_when_the_webhook_is_back() {
    on_both(async |world| {
        let ada = world.harness.creator();
        let receiver = Receiver::start().await;
        let made = world.webhook(&ada, &receiver.url("/")).await;
        let id = made.webhook.unwrap().id;
        world.generated(&ada).await;
        world
            .eventually_delivered(&ada, &id, Delivered::Succeeded)
            .await;
        receiver.script([Reply::status(410)]);
        world.generated(&ada).await;
        eventually("the webhook is disabled", async || {
            !world.look_at(&ada, &id).await.enabled
        })
        .await;
        for _ in 0..2 {
            world.generated(&ada).await;
        }
        eventually("three did not arrive", async || {
            let deliveries = world.deliveries(&ada, &id).await;
            let over = [Delivered::Failed, Delivered::Skipped];
            let missed = deliveries.iter().filter(|it| over.contains(&it.status()));
            missed.count() == 3
        })
        .await;
        let since = ReplayWebhookDeliveriesRequest {
            webhook_id: id.clone(),
            since: Some(covergen_chassis::timestamp(0)),
            include_succeeded: false,
            request_id: String::new(),
        };
        let mut client = world.webhooks(&ada);
        let refused = client.replay_webhook_deliveries(since.clone()).await;
        assert_refused(refused, Code::FailedPrecondition, "WEBHOOK_DISABLED");

        let back = client.update_webhook(enabling(&id, true)).await;
        let back = back.unwrap().into_inner();
        assert!(back.enabled && back.problem.is_none() && back.failed_attempts == 0);
        let replayed = client.replay_webhook_deliveries(since).await;
        assert_eq!(replayed.unwrap().into_inner().replayed_count, 3);
        receiver.eventually_received(5).await;
        let future = ReplayWebhookDeliveriesRequest {
            webhook_id: id.clone(),
            since: Some(covergen_chassis::timestamp(4_000_000_000_000)),
            include_succeeded: true,
            request_id: String::new(),
        };
        let none = client.replay_webhook_deliveries(future).await;
        assert_eq!(none.unwrap().into_inner().replayed_count, 0);
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_paused_webhook_is_sent_nothing() {
    on_both(async |world| {
        let ada = world.harness.creator();
        let receiver = Receiver::start().await;
        let made = world.webhook(&ada, &receiver.url("/")).await;
        let id = made.webhook.unwrap().id;
        let mut client = world.webhooks(&ada);
        let paused = client.update_webhook(enabling(&id, false)).await;
        let paused = paused.unwrap().into_inner();
        assert!(!paused.enabled && paused.problem.is_none());
        world.generated(&ada).await;
        world
            .eventually_delivered(&ada, &id, Delivered::Skipped)
            .await;
        world.harness.stop().await;
        assert!(receiver.received().is_empty());
    })
    .await;
}
