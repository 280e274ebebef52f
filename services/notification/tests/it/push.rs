use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use covergen_identity::Principal;
use covergen_proto::notification::v1::{
    CreatePushSubscriptionRequest, DeletePushSubscriptionRequest, GetPushKeyRequest,
    ListPushSubscriptionsRequest, PushKeys, PushSubscription,
};
use serde_json::{Value, json};
use tonic::Code;

use crate::peers::Peer;
use crate::receiver::{Receiver, Reply};
use crate::world::{World, assert_refused, eventually, on_both, on_both_with};

/// A device whose secrets a peer holds.
struct Device {
    keys: Value,
    request: CreatePushSubscriptionRequest,
}

async fn device(peer: &mut Peer, endpoint: &str) -> Device {
    let keys = peer.ask(&json!({"do": "device"})).await.unwrap();
    let text = |name: &str| keys[name].as_str().unwrap().to_owned();
    let request = CreatePushSubscriptionRequest {
        endpoint: endpoint.to_owned(),
        keys: Some(PushKeys {
            p256dh: text("p256dh"),
            auth: text("auth"),
        }),
        ..CreatePushSubscriptionRequest::default()
    };
    Device { keys, request }
}

async fn listed(world: &World, who: &Principal) -> Vec<PushSubscription> {
    let request = ListPushSubscriptionsRequest {};
    let listed = world.push(who).list_push_subscriptions(request).await;
    listed.unwrap().into_inner().push_subscriptions
}

#[tokio::test]
async fn a_device_reads_that_its_cover_is_ready_and_its_push_service_knows_who_says_so() {
    on_both(async |world| {
        let ada = world.harness.creator();
        let service = Receiver::start().await;
        let mut peer = Peer::start();
        let mut phone = device(&mut peer, &service.url("/send/abc")).await;
        phone.request.accept_language = "zh-CN,en;q=0.5".to_owned();
        phone.request.device_name = "phone".to_owned();
        service.script([Reply::status(201), Reply::status(201)]);
        let mut client = world.push(&ada);
        let made = client.create_push_subscription(phone.request).await;
        let made = made.unwrap().into_inner();
        assert_eq!((&*made.language, &*made.device_name), ("zh", "phone"));
        assert_eq!(made.push_service, "127.0.0.1");

        let (task, cover) = world.generated(&ada).await;
        let received = service.eventually_received(1).await;
        let message = &received[0];
        assert_eq!(message.path, "/send/abc");
        assert_eq!(message.header("content-encoding"), "aes128gcm");
        assert!(message.header("ttl").parse::<u32>().unwrap() > 86_000);
        assert_eq!(message.header("topic").len(), 32);
        let text = json!({
            "do": "open", "privateKey": phone.keys["privateKey"], "auth": phone.keys["auth"],
            "body": URL_SAFE_NO_PAD.encode(&message.body),
        });
        let text = peer.ask(&text).await.unwrap();
        let told: Value = serde_json::from_str(text.as_str().unwrap()).unwrap();
        assert_eq!(told["type"], "cover.generated");
        assert_eq!(told["title"], "封面已完成");
        assert_eq!(told["resourceId"], task);
        assert_eq!(told["coverIds"], json!([cover]));

        let (token, key) = message
            .header("authorization")
            .strip_prefix("vapid t=")
            .unwrap()
            .split_once(", k=")
            .unwrap();
        let public = world.push(&ada).get_push_key(GetPushKeyRequest {}).await;
        assert_eq!(public.unwrap().into_inner().public_key, key);
        let who = json!({"do": "vapid", "token": token, "key": key, "audience": service.url("")});
        let claims = peer.ask(&who).await.unwrap();
        assert_eq!(claims["sub"], "mailto:postmaster@localhost");
        eventually("the device was reached", async || {
            listed(&world, &ada).await[0].last_success_time.is_some()
        })
        .await;
        world.failed(&ada, "CANCELLED").await;
        world.failed(&ada, "PROVIDER_FAILED").await;
        let received = service.eventually_received(2).await;
        let text = json!({
            "do": "open", "privateKey": phone.keys["privateKey"], "auth": phone.keys["auth"],
            "body": URL_SAFE_NO_PAD.encode(&received[1].body),
        });
        let text = peer.ask(&text).await.unwrap();
        assert!(text.as_str().unwrap().contains("PROVIDER_FAILED"), "{text}");
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_device_that_is_gone_is_forgotten() {
    on_both(async |world| {
        let ada = world.harness.creator();
        let service = Receiver::start().await;
        let mut peer = Peer::start();
        for status in [404, 410] {
            service.script([Reply::status(status)]);
            let phone = device(&mut peer, &service.url("/send/gone")).await;
            let mut client = world.push(&ada);
            client
                .create_push_subscription(phone.request)
                .await
                .unwrap();
            world.generated(&ada).await;
            eventually("the device is forgotten", async || {
                listed(&world, &ada).await.is_empty()
            })
            .await;
        }
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_device_moves_to_whoever_registered_it_last() {
    on_both(async |world| {
        let (ada, eve) = (world.harness.creator(), world.harness.creator());
        let service = Receiver::start().await;
        let mut peer = Peer::start();
        let phone = device(&mut peer, &service.url("/send/shared"))
            .await
            .request;
        for who in [&ada, &ada, &eve] {
            let mut client = world.push(who);
            client
                .create_push_subscription(phone.clone())
                .await
                .unwrap();
        }
        assert!(listed(&world, &ada).await.is_empty());
        let theirs = listed(&world, &eve).await;
        assert_eq!(theirs.len(), 1);
        let request = DeletePushSubscriptionRequest {
            push_subscription_id: theirs[0].id.clone(),
        };
        let mut client = world.push(&ada);
        let foreign = client.delete_push_subscription(request.clone()).await;
        assert_refused(foreign, Code::NotFound, "PUSH_SUBSCRIPTION_NOT_FOUND");
        let mut client = world.push(&eve);
        client.delete_push_subscription(request).await.unwrap();
        assert!(listed(&world, &eve).await.is_empty());
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_subscription_that_is_none_is_refused_by_field_and_a_person_has_at_most_so_many() {
    on_both_with("max_push_subscriptions = 1", async |world| {
        let ada = world.harness.creator();
        let mut peer = Peer::start();
        let good = device(&mut peer, "https://push.example.com/1")
            .await
            .request;
        let mut bad = good.clone();
        bad.endpoint = "https://192.168.0.1/".to_owned();
        bad.keys.as_mut().unwrap().p256dh = "AAAA".to_owned();
        bad.expiration_time = Some(1);
        let mut client = world.push(&ada);
        let refused = client.create_push_subscription(bad).await;
        let fields = assert_refused(refused, Code::InvalidArgument, "INVALID_REQUEST");
        assert_eq!(fields, ["endpoint", "keys.p256dh", "expirationTime"]);
        client.create_push_subscription(good).await.unwrap();
        let more = device(&mut peer, "https://push.example.com/2")
            .await
            .request;
        let refused = client.create_push_subscription(more).await;
        assert_refused(refused, Code::ResourceExhausted, "LIMIT_REACHED");
        world.harness.stop().await;
    })
    .await;
}
