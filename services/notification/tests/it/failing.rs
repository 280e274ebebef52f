use covergen_proto::notification::v1::webhook_delivery::Status as Delivered;
use covergen_proto::notification::v1::{ListNotificationsRequest, TestWebhookRequest};
use tonic::Code;

use crate::receiver::{Receiver, Reply};
use crate::world::{World, assert_refused, eventually, on_both, on_both_with};

#[tokio::test]
async fn a_message_is_sent_again_until_it_arrives_under_the_same_id() {
    on_both(async |world| {
        let ada = world.harness.creator();
        let receiver = Receiver::start().await;
        let elsewhere = receiver.url("/elsewhere");
        receiver.script([
            Reply::status(500),
            Reply::status(302).with("location", elsewhere),
            Reply::status(429).with("retry-after", "0"),
        ]);
        let made = world.webhook(&ada, &receiver.url("/hook")).await;
        world.generated(&ada).await;
        let id = made.webhook.unwrap().id;
        let delivery = world
            .eventually_delivered(&ada, &id, Delivered::Succeeded)
            .await;
        assert_eq!((delivery.attempts, delivery.last_response_status), (4, 200));
        assert_eq!(delivery.last_error, "");
        let received = receiver.received();
        assert_eq!(received.len(), 4);
        for message in &received {
            assert_eq!(message.path, "/hook");
            assert_eq!(message.header("webhook-id"), delivery.message_id);
            assert_eq!(message.body, delivery.payload);
        }
        assert_eq!(world.look_at(&ada, &id).await.failed_attempts, 0);
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_receiver_that_asks_for_time_gets_it() {
    on_both(async |world| {
        let ada = world.harness.creator();
        let receiver = Receiver::start().await;
        receiver.script([Reply::status(503).with("retry-after", "3600")]);
        let made = world.webhook(&ada, &receiver.url("/")).await;
        let id = made.webhook.unwrap().id;
        world.generated(&ada).await;
        eventually("an attempt failed", async || {
            let deliveries = world.deliveries(&ada, &id).await;
            deliveries.iter().any(|delivery| delivery.attempts == 1)
        })
        .await;
        let delivery = world.deliveries(&ada, &id).await.remove(0);
        assert_eq!(delivery.status(), Delivered::Pending);
        let pause = delivery.next_attempt_time.unwrap().seconds
            - delivery.last_attempt_time.unwrap().seconds;
        assert!((3599..=3601).contains(&pause), "{pause}");
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_message_is_given_up_when_its_time_is_over() {
    on_both_with("give_up_after_ms = 1", async |world| {
        let ada = world.harness.creator();
        let receiver = Receiver::start().await;
        receiver.script([Reply::status(500)]);
        let made = world.webhook(&ada, &receiver.url("/")).await;
        world.generated(&ada).await;
        let id = made.webhook.unwrap().id;
        let delivery = world
            .eventually_delivered(&ada, &id, Delivered::Failed)
            .await;
        assert_eq!(delivery.last_error, "the receiver answered 500");
        assert!(delivery.next_attempt_time.is_none());
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_receiver_that_never_answers_holds_nobody_up() {
    let settings = "request_timeout_ms = 1000\ngive_up_after_ms = 1";
    on_both_with(settings, async |world| {
        let ada = world.harness.creator();
        let (silent, other) = (Receiver::start().await, Receiver::start().await);
        silent.script((0..8).map(|_| Reply::never()));
        let made = world.webhook(&ada, &silent.url("/")).await;
        world.webhook(&ada, &other.url("/")).await;
        world.generated(&ada).await;
        other.eventually_received(1).await;
        let id = made.webhook.unwrap().id;
        let delivery = world
            .eventually_delivered(&ada, &id, Delivered::Failed)
            .await;
        assert_eq!(delivery.last_error, "no answer in time");
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn an_answer_without_end_is_not_read_to_its_end() {
    on_both_with("max_response_bytes = 1000", async |world| {
        let ada = world.harness.creator();
        let receiver = Receiver::start().await;
        receiver.script([Reply {
            length: 50_000_000,
            ..Reply::status(200)
        }]);
        let made = world.webhook(&ada, &receiver.url("/")).await;
        world.generated(&ada).await;
        let id = made.webhook.unwrap().id;
        world
            .eventually_delivered(&ada, &id, Delivered::Succeeded)
            .await;
        world.harness.stop().await;
    })
    .await;
}

/// Waits until a webhook is disabled; why.
async fn eventually_disabled(
    world: &World,
    who: &covergen_identity::Principal,
    id: &str,
) -> (String, String) {
    eventually("the webhook is disabled", async || {
        !world.look_at(who, id).await.enabled
    })
    .await;
    let problem = world.look_at(who, id).await.problem.unwrap();
    (problem.reason, problem.message)
}

#[tokio::test]
async fn a_receiver_that_is_gone_is_sent_nothing_more_and_its_owner_is_told() {
    on_both(async |world| {
        let ada = world.harness.creator();
        let receiver = Receiver::start().await;
        receiver.script([Reply::status(410)]);
        let made = world.webhook(&ada, &receiver.url("/")).await;
        let webhook = made.webhook.unwrap();
        world.generated(&ada).await;
        let (reason, message) = eventually_disabled(&world, &ada, &webhook.id).await;
        assert_eq!(reason, "GONE");
        assert!(message.contains("410"), "{message}");
        assert_ne!(world.look_at(&ada, &webhook.id).await.etag, webhook.etag);

        world.generated(&ada).await;
        eventually("the next one is skipped", async || {
            let deliveries = world.deliveries(&ada, &webhook.id).await;
            deliveries.len() == 2 && deliveries[0].status() == Delivered::Skipped
        })
        .await;
        assert_eq!(receiver.received().len(), 1);

        let request = ListNotificationsRequest {
            user_id: "me".to_owned(),
            ..ListNotificationsRequest::default()
        };
        let listed = world.list(&ada).list_notifications(request).await;
        let listed = listed.unwrap().into_inner().notifications;
        let notice = listed.iter().find(|it| it.r#type == "webhook.disabled");
        assert_eq!(notice.unwrap().resource_id, webhook.id);

        let test = TestWebhookRequest {
            webhook_id: webhook.id,
            request_id: String::new(),
        };
        let refused = world.webhooks(&ada).test_webhook(test).await;
        assert_refused(refused, Code::FailedPrecondition, "WEBHOOK_DISABLED");
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_run_of_failures_disables_a_webhook_and_one_success_ends_the_run() {
    let settings = "disable_after_attempts = 3\ndisable_after_ms = 0";
    on_both_with(settings, async |world| {
        let ada = world.harness.creator();
        let receiver = Receiver::start().await;
        receiver.script([500, 500, 200, 500, 500, 500].map(Reply::status));
        let made = world.webhook(&ada, &receiver.url("/")).await;
        let id = made.webhook.unwrap().id;
        world.generated(&ada).await;
        world
            .eventually_delivered(&ada, &id, Delivered::Succeeded)
            .await;
        assert!(world.look_at(&ada, &id).await.enabled);
        world.generated(&ada).await;
        let (reason, message) = eventually_disabled(&world, &ada, &id).await;
        assert_eq!(reason, "FAILING");
        assert!(message.contains("3 attempts in a row"), "{message}");
        let latest = world.deliveries(&ada, &id).await.remove(0);
        assert_eq!(latest.status(), Delivered::Skipped);
        world.harness.stop().await;
        assert_eq!(receiver.received().len(), 6);
    })
    .await;
}
