use covergen_identity::Principal;
use covergen_proto::auth::v1::{
    CredentialsChanged, SessionRevoked, UserAuthenticated, UserRegistered,
};
use covergen_proto::notification::v1::Notification;
use tonic::Code;

use crate::list::{eventually_listed, page};
use crate::receiver::Receiver;
use crate::world::{World, assert_refused, creating, on_both};

fn registered(who: &Principal, source: &str) -> UserRegistered {
    UserRegistered {
        user_id: who.user_id.to_string(),
        workspace_id: who.workspace_id.to_string(),
        registration_source: source.to_owned(),
    }
}

fn revoked(who: &Principal, session: &str, why: &str) -> SessionRevoked {
    SessionRevoked {
        user_id: who.user_id.to_string(),
        session_id: session.to_owned(),
        method: why.to_owned(),
    }
}

/// Somebody's list by what it is about: what happens within a millisecond
/// stands there in any order.
async fn listed(world: &World, who: &Principal, language: &str) -> Vec<Notification> {
    let listed = page(world, who, |request| {
        language.clone_into(&mut request.language);
    });
    let mut listed = listed.await.notifications;
    listed.sort_by(|one, other| one.resource_id.cmp(&other.resource_id));
    listed
}

#[tokio::test]
async fn whoever_registers_is_welcomed_once() {
    on_both(async |world| {
        for source in ["password", "oauth"] {
            let (ada, eve) = (world.harness.creator(), world.harness.creator());
            let user = ada.user_id.to_string();
            world
                .tell((&user, 1), &ada, &registered(&ada, source))
                .await;
            // Events of one aggregate are handled one after another.
            let after = revoked(&ada, "ses_1", "reuse");
            world.tell((&user, 2), &ada, &after).await;
            eventually_listed(&world, &ada, 2).await;
            let english = listed(&world, &ada, "en").await;
            let welcome = &english[1];
            assert_eq!(
                (&*welcome.r#type, &*welcome.title, &welcome.resource_id),
                ("account.opened", "Welcome to Covergen", &user)
            );
            let chinese = listed(&world, &ada, "zh").await;
            assert_eq!(chinese[1].title, "欢迎使用 Covergen");
            assert!(listed(&world, &eve, "en").await.is_empty());
        }
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_session_that_its_owner_did_not_end_is_told_with_the_reason() {
    on_both(async |world| {
        let ada = world.harness.creator();
        let user = ada.user_id.to_string();
        for (version, session, why) in [(1, "ses_1", "reuse"), (2, "ses_2", "taken_over")] {
            let event = revoked(&ada, session, why);
            world.tell((&user, version), &ada, &event).await;
        }
        eventually_listed(&world, &ada, 2).await;
        for (language, copied, older) in [
            (
                "en",
                "One of your sessions was ended",
                "An older session of your account was ended",
            ),
            (
                "zh",
                "您的一个登录会话已被终止",
                "您账户的一个旧登录会话已被终止",
            ),
        ] {
            let told = listed(&world, &ada, language).await;
            let told: Vec<_> = told
                .iter()
                .map(|it| (&*it.r#type, &*it.resource_id, &*it.title))
                .collect();
            let wanted = [
                ("session.revoked", "ses_1", copied),
                ("session.revoked", "ses_2", older),
            ];
            assert_eq!(told, wanted);
        }
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn what_a_person_did_themselves_or_auth_writes_of_is_not_told_again() {
    on_both(async |world| {
        let ada = world.harness.creator();
        let user = ada.user_id.to_string();
        world
            .tell((&user, 1), &ada, &registered(&ada, "admin"))
            .await;
        let signed_in = UserAuthenticated {
            user_id: user.clone(),
            session_id: "ses_1".to_owned(),
            method: "password".to_owned(),
        };
        world.tell((&user, 2), &ada, &signed_in).await;
        let changed = CredentialsChanged {
            user_id: user.clone(),
            credential: "password".to_owned(),
            change: "changed".to_owned(),
            credential_id: String::new(),
        };
        world.tell((&user, 3), &ada, &changed).await;
        let quietly = [
            "logout",
            "revoked",
            "password_reset",
            "password_changed",
            "suspended",
            "deactivated",
            "deleted",
        ];
        for (version, why) in (4..).zip(quietly) {
            let event = revoked(&ada, "ses_1", why);
            world.tell((&user, version), &ada, &event).await;
        }
        let last = revoked(&ada, "ses_2", "reuse");
        world.tell((&user, 11), &ada, &last).await;
        eventually_listed(&world, &ada, 1).await;
        assert_eq!(listed(&world, &ada, "en").await[0].resource_id, "ses_2");
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn no_webhook_hears_of_accounts() {
    on_both(async |world| {
        let ada = world.harness.creator();
        let user = ada.user_id.to_string();
        let receiver = Receiver::start().await;
        for kind in ["account.opened", "session.revoked"] {
            let request = creating(&receiver.url("/"), &[kind]);
            let refused = world.webhooks(&ada).create_webhook(request).await;
            let fields = assert_refused(refused, Code::InvalidArgument, "INVALID_REQUEST");
            assert_eq!(fields, ["webhook.eventTypes[0]"]);
        }
        let made = world.webhook(&ada, &receiver.url("/all")).await;
        world
            .tell((&user, 1), &ada, &registered(&ada, "password"))
            .await;
        let reused = revoked(&ada, "ses_1", "reuse");
        world.tell((&user, 2), &ada, &reused).await;
        eventually_listed(&world, &ada, 2).await;
        world.generated(&ada).await;
        receiver.eventually_received(1).await;
        let id = made.webhook.unwrap().id;
        let deliveries = world.deliveries(&ada, &id).await;
        let kinds: Vec<&str> = deliveries.iter().map(|it| &*it.r#type).collect();
        assert_eq!(kinds, ["cover.generated"]);
        world.harness.stop().await;
    })
    .await;
}
