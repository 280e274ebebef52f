use covergen_identity::Principal;
use covergen_proto::auth::v1::SessionRevoked;
use covergen_proto::safety::v1::AppealResolved;
use covergen_proto::user::v1::QuotaExhausted;
use serde_json::json;

use crate::list::{eventually_listed, page};
use crate::receiver::Receiver;
use crate::world::on_both;

/// The first of January 2027.
const RESETS_AT_MS: i64 = 1_798_761_600_000;

fn exhausted(who: &Principal) -> QuotaExhausted {
    QuotaExhausted {
        user_id: who.user_id.to_string(),
        bucket: "covers".to_owned(),
        resets_at: Some(covergen_chassis::timestamp(RESETS_AT_MS)),
    }
}

#[tokio::test]
async fn a_person_and_their_servers_are_told_once_that_a_quota_is_used_up() {
    on_both(async |world| {
        let ada = world.harness.creator();
        let user = ada.user_id.to_string();
        let receiver = Receiver::start().await;
        world.webhook(&ada, &receiver.url("/all")).await;
        world
            .webhook_for(&ada, &receiver.url("/quota"), &["quota.exhausted"])
            .await;
        world
            .webhook_for(&ada, &receiver.url("/covers"), &["cover.generated"])
            .await;
        world.tell((&user, 3), &ada, &exhausted(&ada)).await;
        // Of the next period, and after the first in the same aggregate.
        world.tell((&user, 4), &ada, &exhausted(&ada)).await;
        eventually_listed(&world, &ada, 2).await;
        let english = page(&world, &ada, |_| ()).await.notifications.remove(1);
        assert_eq!(
            (&*english.r#type, &*english.resource_id, &*english.title),
            ("quota.exhausted", "covers", "Your quota is used up")
        );
        assert_eq!(english.body, "It fills again on 2027-01-01 00:00 UTC.");
        let chinese = page(&world, &ada, |request| request.language = "zh".to_owned());
        let chinese = chinese.await.notifications.remove(1);
        assert_eq!(
            (&*chinese.title, &*chinese.body),
            ("额度已用完", "额度将于 2027-01-01 00:00 UTC 恢复。")
        );

        let received = receiver.eventually_received(4).await;
        let mut paths: Vec<&str> = received.iter().map(|message| &*message.path).collect();
        paths.sort_unstable();
        assert_eq!(paths, ["/all", "/all", "/quota", "/quota"]);
        let data = json!({
            "userId": user, "bucket": "covers", "resetTime": "2027-01-01T00:00:00Z",
        });
        for message in &received {
            let message = message.json();
            assert_eq!(message["type"], "quota.exhausted");
            assert_eq!(message["data"], data);
        }
        world.harness.stop().await;
        assert_eq!(receiver.received().len(), 4);
    })
    .await;
}

#[tokio::test]
async fn of_a_person_who_left_nothing_is_told_that_comes_late() {
    on_both(async |world| {
        let (ada, eve) = (world.harness.creator(), world.harness.creator());
        let user = ada.user_id.to_string();
        world.tell((&user, 1), &ada, &exhausted(&ada)).await;
        eventually_listed(&world, &ada, 1).await;
        world.left(&ada).await;
        eventually_listed(&world, &ada, 0).await;
        let revoked = |who: &Principal| SessionRevoked {
            user_id: who.user_id.to_string(),
            session_id: "ses_1".to_owned(),
            method: "reuse".to_owned(),
        };
        let resolved = |who: &Principal| AppealResolved {
            appeal_id: "apl_1".to_owned(),
            user_id: who.user_id.to_string(),
            outcome: "UPHELD".to_owned(),
            ..AppealResolved::default()
        };
        // Eve's come after Ada's in the same aggregates, so those were handled.
        for who in [&ada, &eve] {
            world.tell((&user, 9), who, &exhausted(who)).await;
            world.tell((&user, 9), who, &revoked(who)).await;
            world.tell((&user, 9), who, &resolved(who)).await;
        }
        eventually_listed(&world, &eve, 3).await;
        assert!(page(&world, &ada, |_| ()).await.notifications.is_empty());
        world.harness.stop().await;
    })
    .await;
}
