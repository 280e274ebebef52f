use std::collections::BTreeMap;

use covergen_identity::Principal;
use covergen_ids::{Clock, NotificationId};
use covergen_proto::notification::v1::{CreatePushSubscriptionRequest, PushKeys};
use covergen_proto::privacy::v1::UserDataRequest;
use covergen_store::Store;
use sea_orm::{ConnectionTrait as _, DbBackend};
use serde_json::{Value, json};

use crate::peers::Peer;
use crate::receiver::Receiver;
use crate::world::{World, eventually, on_both};

/// What is handed out of a user, as user asks for it.
async fn exported(world: &World, who: &Principal) -> BTreeMap<String, Vec<Value>> {
    let channel = world.harness.as_service("user", None, "notification");
    let mut client = covergen_proto::notification::v1::notification_service_client(channel);
    let request = UserDataRequest {
        user_id: who.user_id.to_string(),
    };
    let mut stream = client.export_user_data(request).await.unwrap().into_inner();
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    while let Some(chunk) = stream.message().await.unwrap() {
        files.entry(chunk.path).or_default().extend(&chunk.data[..]);
    }
    let read = |bytes: Vec<u8>| serde_json::from_slice(&bytes).unwrap();
    files
        .into_iter()
        .map(|(path, bytes)| (path, read(bytes)))
        .collect()
}

fn counts(files: &BTreeMap<String, Vec<Value>>) -> Vec<(&str, usize)> {
    files
        .iter()
        .map(|(path, rows)| (&**path, rows.len()))
        .collect()
}

const NOTHING: [(&str, usize); 4] = [
    ("deliveries.json", 0),
    ("notifications.json", 0),
    ("push_subscriptions.json", 0),
    ("webhooks.json", 0),
];

#[tokio::test]
async fn everything_of_a_person_is_handed_out_and_then_erased_for_good() {
    on_both(async |world| {
        let (ada, eve) = (world.harness.creator(), world.harness.creator());
        let receiver = Receiver::start().await;
        let mut peer = Peer::start();
        for who in [&ada, &eve] {
            let keys = peer.ask(&json!({"do": "device"})).await.unwrap();
            let text = |name: &str| keys[name].as_str().unwrap().to_owned();
            let request = CreatePushSubscriptionRequest {
                endpoint: receiver.url(&format!("/push/{}", who.user_id)),
                keys: Some(PushKeys {
                    p256dh: text("p256dh"),
                    auth: text("auth"),
                }),
                ..CreatePushSubscriptionRequest::default()
            };
            let mut push = world.push(who);
            push.create_push_subscription(request).await.unwrap();
            world.webhook(who, &receiver.url("/hook")).await;
            for _ in 0..70 {
                world.generated(who).await;
            }
        }
        eventually("all of it is recorded", async || {
            let eves = exported(&world, &eve).await;
            let adas = exported(&world, &ada).await;
            eves["notifications.json"].len() == 70 && adas["notifications.json"].len() == 70
        })
        .await;
        let files = exported(&world, &ada).await;
        let expected = [
            ("deliveries.json", 140),
            ("notifications.json", 70),
            ("push_subscriptions.json", 1),
            ("webhooks.json", 1),
        ];
        assert_eq!(counts(&files), expected);
        let text = json!(files).to_string();
        assert!(
            !text.contains("whsec_") && !text.contains("/push/"),
            "{text}"
        );

        world.left(&ada).await;
        eventually("it is gone", async || {
            counts(&exported(&world, &ada).await) == NOTHING
        })
        .await;
        world.generated(&ada).await;
        let (task, _) = world.generated(&eve).await;
        eventually("the events after it were heard", async || {
            let files = exported(&world, &eve).await;
            let mut told = files["notifications.json"].iter();
            told.any(|row| row["resourceId"] == *task)
        })
        .await;
        assert_eq!(counts(&exported(&world, &ada).await), NOTHING);
        assert_eq!(exported(&world, &eve).await["webhooks.json"].len(), 1);
        world.harness.stop().await;
    })
    .await;
}

/// What is being written of somebody at the moment in which they leave is erased
/// as well: whoever erases waits for it.
#[tokio::test]
async fn what_is_written_while_somebody_leaves_is_erased_with_the_rest() {
    on_both(async |world| {
        let ada = world.harness.creator();
        world.generated(&ada).await;
        eventually("it is recorded", async || {
            exported(&world, &ada).await["notifications.json"].len() == 1
        })
        .await;
        let config = &world.harness.hosted().config().database;
        let store = Store::open(config, "notification", Clock::system()).await;
        let store = store.unwrap();
        // SQLite has one writer at a time.
        if store.backend() == DbBackend::Postgres {
            let writing = store.begin().await.unwrap();
            let late = NotificationId::new(&Clock::system());
            for sql in [
                "SELECT 1 FROM departed WHERE FALSE FOR KEY SHARE".to_owned(),
                format!(
                    "INSERT INTO notifications SELECT (jsonb_populate_record(known,
                        '{{\"id\": \"{late}\"}}')).* FROM notifications AS known
                     WHERE user_id = '{}'",
                    ada.user_id
                ),
            ] {
                writing.execute_unprepared(&sql).await.unwrap();
            }
            world.left(&ada).await;
            covergen_testkit::postgres_until_blocked(&config.url, "notification").await;
            writing.commit().await.unwrap();
            eventually("it is gone", async || {
                counts(&exported(&world, &ada).await) == NOTHING
            })
            .await;
        }
        store.close().await;
        world.harness.stop().await;
    })
    .await;
}
