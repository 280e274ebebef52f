use std::collections::BTreeMap;

use covergen_ids::EventId;
use covergen_proto::cover::v1::CoverBulkFinished;
use covergen_proto::export::v1::ExportReady;
use covergen_proto::notification::v1::webhook_delivery::Status as Delivered;
use covergen_proto::notification::v1::{RotateWebhookSecretRequest, TestWebhookRequest};
use serde_json::{Value, json};

use crate::peers::Peer;
use crate::receiver::{Received, Receiver};
use crate::world::{eventually, generated, on_both, on_both_with};

/// What standardwebhooks makes of a message.
async fn verified(peer: &mut Peer, secret: &str, message: &Received) -> Result<Value, String> {
    let names = ["webhook-id", "webhook-timestamp", "webhook-signature"];
    let headers: BTreeMap<&str, &str> = names
        .into_iter()
        .map(|name| (name, message.header(name)))
        .collect();
    let body = std::str::from_utf8(&message.body).unwrap();
    let what = json!({"do": "verify", "secret": secret, "headers": headers, "body": body});
    peer.ask(&what).await
}

#[tokio::test]
async fn an_event_reaches_the_webhooks_that_want_it_once_and_its_signature_verifies() {
    on_both(async |world| {
        let (ada, eve) = (world.harness.creator(), world.harness.creator());
        let receiver = Receiver::start().await;
        let all = world.webhook(&ada, &receiver.url("/all")).await;
        let exports = ["export.ready"];
        world
            .webhook_for(&ada, &receiver.url("/exports"), &exports)
            .await;
        world.webhook(&eve, &receiver.url("/eve")).await;

        let id = EventId::new(world.harness.clock());
        let message = generated(&ada, "tsk_1", &["cov_1".to_owned(), "cov_2".to_owned()]);
        for _ in 0..3 {
            world.publish((id, "tsk_1", 2), &ada, &message).await;
        }
        let ready = ExportReady {
            export_id: "exp_1".to_owned(),
            user_id: ada.user_id.to_string(),
            cover_id: "cov_1".to_owned(),
            status: "SUCCEEDED".to_owned(),
        };
        let later = EventId::new(world.harness.clock());
        world.publish((later, "exp_1", 1), &ada, &ready).await;
        let received = receiver.eventually_received(3).await;
        let mut paths: Vec<&str> = received.iter().map(|message| &*message.path).collect();
        paths.sort_unstable();
        assert_eq!(paths, ["/all", "/all", "/exports"]);

        let of_cover = received
            .iter()
            .find(|it| it.header("webhook-id") == id.to_string());
        let of_cover = of_cover.unwrap();
        let mut peer = Peer::start();
        let payload = verified(&mut peer, &all.secret, of_cover).await.unwrap();
        assert_eq!(payload["type"], "cover.generated");
        assert_eq!(payload["sequence"], 2);
        let data = json!({
            "taskId": "tsk_1", "status": "SUCCEEDED", "userId": ada.user_id.to_string(),
            "coverIds": ["cov_1", "cov_2"], "templateId": "aurora", "templateVersion": 3,
        });
        assert_eq!(payload["data"], data);
        let other = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        assert!(verified(&mut peer, other, of_cover).await.is_err());

        let id = all.webhook.unwrap().id;
        eventually("its success is noted", async || {
            let webhook = world.look_at(&ada, &id).await;
            webhook.last_success_time.is_some()
        })
        .await;
        world.harness.stop().await;
        assert_eq!(receiver.received().len(), 3);
    })
    .await;
}

#[tokio::test]
async fn after_a_rotation_both_secrets_verify_for_a_while() {
    on_both_with("secret_overlap_ms = 86400000", async |world| {
        let ada = world.harness.creator();
        let receiver = Receiver::start().await;
        let old = world.webhook(&ada, &receiver.url("/")).await;
        let id = old.webhook.unwrap().id;
        let rotate = RotateWebhookSecretRequest {
            webhook_id: id.clone(),
            request_id: String::new(),
        };
        let new = world.webhooks(&ada).rotate_webhook_secret(rotate).await;
        let new = new.unwrap().into_inner();
        assert_ne!(new.secret, old.secret);
        let expires = new.webhook.unwrap().previous_secret_expire_time;
        assert!(expires.is_some());
        let test = TestWebhookRequest {
            webhook_id: id,
            request_id: String::new(),
        };
        world.webhooks(&ada).test_webhook(test).await.unwrap();
        let received = receiver.eventually_received(1).await;
        let signatures = received[0].header("webhook-signature");
        assert_eq!(signatures.split(' ').count(), 2, "{signatures}");
        let mut peer = Peer::start();
        for secret in [&new.secret, &old.secret] {
            let payload = verified(&mut peer, secret, &received[0]).await.unwrap();
            assert_eq!(payload["type"], "webhook.test");
        }
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn the_secret_before_signs_no_more_when_its_time_is_over() {
    on_both_with("secret_overlap_ms = 0", async |world| {
        let ada = world.harness.creator();
        let receiver = Receiver::start().await;
        let old = world.webhook(&ada, &receiver.url("/")).await;
        let id = old.webhook.unwrap().id;
        let rotate = RotateWebhookSecretRequest {
            webhook_id: id.clone(),
            request_id: String::new(),
        };
        let new = world.webhooks(&ada).rotate_webhook_secret(rotate).await;
        let new = new.unwrap().into_inner();
        let test = TestWebhookRequest {
            webhook_id: id,
            request_id: String::new(),
        };
        world.webhooks(&ada).test_webhook(test).await.unwrap();
        let received = receiver.eventually_received(1).await;
        let mut peer = Peer::start();
        verified(&mut peer, &new.secret, &received[0])
            .await
            .unwrap();
        let refused = verified(&mut peer, &old.secret, &received[0]).await;
        assert!(refused.is_err());
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_finished_bulk_and_a_cancelled_task_are_told() {
    on_both(async |world| {
        let ada = world.harness.creator();
        let receiver = Receiver::start().await;
        let made = world.webhook(&ada, &receiver.url("/")).await;
        let bulk = CoverBulkFinished {
            bulk_id: "bul_1".to_owned(),
            user_id: ada.user_id.to_string(),
            total_rows: 3,
            succeeded_rows: 2,
            failed_rows: 1,
            cancelled_rows: 0,
            duration_ms: 9,
        };
        let id = EventId::new(world.harness.clock());
        world.publish((id, "bul_1", 1), &ada, &bulk).await;
        let received = receiver.eventually_received(1).await;
        let told = received[0].json();
        assert_eq!(told["type"], "cover.bulk_finished");
        assert_eq!(told["data"]["succeededRows"], 2);
        let webhook = made.webhook.unwrap();
        world
            .eventually_delivered(&ada, &webhook.id, Delivered::Succeeded)
            .await;
        world.failed(&ada, "CANCELLED").await;
        let received = receiver.eventually_received(2).await;
        let told = received[1].json();
        assert_eq!(told["type"], "cover.generation_failed");
        assert_eq!(told["data"]["status"], "CANCELLED");
        world.harness.stop().await;
    })
    .await;
}
