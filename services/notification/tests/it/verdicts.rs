use covergen_identity::Principal;
use covergen_proto::safety::v1::{AppealResolved, ContentBlocked};
use serde_json::json;

use crate::list::{eventually_listed, page};
use crate::receiver::Receiver;
use crate::world::on_both;

fn resolved(who: &Principal, appeal: &str, outcome: &str) -> AppealResolved {
    AppealResolved {
        appeal_id: appeal.to_owned(),
        violation_id: "vio_1".to_owned(),
        user_id: who.user_id.to_string(),
        subject: "tsk_1".to_owned(),
        rule_id: "tea-en".to_owned(),
        rule_version: 3,
        region: "EU".to_owned(),
        outcome: outcome.to_owned(),
    }
}

#[tokio::test]
async fn whoever_appealed_is_told_what_was_decided_but_not_what_they_took_back() {
    on_both(async |world| {
        let (ada, eve) = (world.harness.creator(), world.harness.creator());
        let receiver = Receiver::start().await;
        let wanted = ["appeal.resolved"];
        world.webhook_for(&ada, &receiver.url("/"), &wanted).await;
        // In one aggregate, so that the last is handled last.
        let outcomes = ["WITHDRAWN", "UPHELD", "OVERTURNED"];
        for (version, outcome) in (1..).zip(outcomes) {
            let event = resolved(&ada, &format!("apl_{version}"), outcome);
            world.tell(("apl_1", version), &ada, &event).await;
        }
        eventually_listed(&world, &ada, 2).await;
        for (language, granted, refused) in [
            ("en", "Your appeal was granted", "Your appeal was refused"),
            ("zh", "申诉成功", "申诉未通过"),
        ] {
            let listed = page(&world, &ada, |request| {
                language.clone_into(&mut request.language);
            });
            let told = listed.await.notifications;
            let mut told: Vec<_> = told
                .iter()
                .map(|it| (&*it.r#type, &*it.resource_id, &*it.title))
                .collect();
            // What happens within a millisecond stands there in any order.
            told.sort_unstable();
            let wanted = [
                ("appeal.resolved", "apl_2", refused),
                ("appeal.resolved", "apl_3", granted),
            ];
            assert_eq!(told, wanted);
        }
        assert!(page(&world, &eve, |_| ()).await.notifications.is_empty());

        let received = receiver.eventually_received(3).await;
        let mut heard: Vec<_> = received
            .iter()
            .map(|it| it.json()["data"].clone())
            .collect();
        heard.sort_by_key(|data| data["appealId"].to_string());
        let data = |appeal: &str, outcome: &str| {
            json!({
                "appealId": appeal, "outcome": outcome, "userId": ada.user_id.to_string(),
                "violationId": "vio_1", "subject": "tsk_1", "ruleId": "tea-en",
                "ruleVersion": 3, "region": "EU",
            })
        };
        let wanted = [
            data("apl_1", "WITHDRAWN"),
            data("apl_2", "UPHELD"),
            data("apl_3", "OVERTURNED"),
        ];
        assert_eq!(heard, wanted);
        world.harness.stop().await;
        assert_eq!(receiver.received().len(), 3);
    })
    .await;
}

#[tokio::test]
async fn servers_are_told_of_stopped_work_whose_author_knows_already() {
    on_both(async |world| {
        let ada = world.harness.creator();
        let receiver = Receiver::start().await;
        let wanted = ["content.blocked"];
        world.webhook_for(&ada, &receiver.url("/"), &wanted).await;
        let blocked = ContentBlocked {
            violation_id: "vio_1".to_owned(),
            subject: "tsk_1".to_owned(),
            rule_id: "tea-en".to_owned(),
            rule_version: 3,
            region: "EU".to_owned(),
            user_id: ada.user_id.to_string(),
        };
        world.tell(("vio_1", 1), &ada, &blocked).await;
        // In the same aggregate, so that the first is handled by then.
        let after = resolved(&ada, "apl_1", "UPHELD");
        world.tell(("vio_1", 2), &ada, &after).await;
        eventually_listed(&world, &ada, 1).await;
        let told = page(&world, &ada, |_| ()).await.notifications;
        assert_eq!(told[0].r#type, "appeal.resolved");

        let received = receiver.eventually_received(1).await;
        let message = received[0].json();
        assert_eq!(message["type"], "content.blocked");
        let data = json!({
            "violationId": "vio_1", "userId": ada.user_id.to_string(), "subject": "tsk_1",
            "ruleId": "tea-en", "ruleVersion": 3, "region": "EU",
        });
        assert_eq!(message["data"], data);
        world.harness.stop().await;
        assert_eq!(receiver.received().len(), 1);
    })
    .await;
}
