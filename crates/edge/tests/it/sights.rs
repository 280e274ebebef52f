//! With whom a caller may watch a stream, and for how long.

use covergen_bff::Sight;
use covergen_identity::{Principal, Role};
use covergen_ids::{Clock, SessionId, UserId, WorkspaceId};
use covergen_proto::auth::v1::api_key::Mode;
use covergen_proto::auth::v1::{NewApiKey, RevokeApiKeyRequest};

use crate::{LIST, World};

const WATCH: &str = "/covergen.cover.v1.CoverService/WatchTask";

impl World {
    async fn sight(&self, principal: &Principal) -> Sight {
        let identity = self.harness.hosted().identity();
        let token = identity.access.issue(principal).unwrap();
        let caller = self.ask(WATCH, &token).await.unwrap();
        caller.sight.expect("it is for one who is known")
    }

    /// That of an API key, once the process has heard that the key was made.
    async fn eventually_standing(&self, secret: &str) -> Sight {
        for _ in 0..100 {
            let caller = self.ask(WATCH, secret).await.unwrap();
            let sight = caller.sight.expect("it is for one who is known");
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            if (sight.standing)().is_ok() {
                return sight;
            }
        }
        panic!("what was learnt about the key never holds")
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn devices_of_a_person_see_the_same_and_all_else_is_told_apart() {
    let world = World::start().await;
    let clock = Clock::system();
    let owner = world.owner.clone();
    let scope = world.sight(&owner).await.scope;
    let mut device = owner.clone();
    device.session_id = Some(SessionId::new(&clock));
    assert_eq!(world.sight(&device).await.scope, scope);

    let someone = Principal {
        user_id: UserId::new(&clock),
        ..owner.clone()
    };
    let elsewhere = Principal {
        workspace_id: WorkspaceId::new(&clock),
        ..owner.clone()
    };
    let mut promoted = owner.clone();
    promoted.roles.push(Role::Admin);
    for other in [someone, elsewhere, promoted] {
        assert_ne!(world.sight(&other).await.scope, scope, "{other:?}");
    }
    let key = world.key(Mode::Live, &["covers:read"]).await;
    let by_key = world.ask(WATCH, &key.secret).await.unwrap().sight.unwrap();
    assert_ne!(by_key.scope, scope);
    // What nobody watches is not asked for.
    assert!(world.ask(LIST, &key.secret).await.unwrap().sight.is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_signed_out_may_not_go_on() {
    let world = World::start().await;
    let owner = world.owner.clone();
    let mut device = owner.clone();
    device.session_id = Some(SessionId::new(&Clock::system()));
    let (here, there) = (world.sight(&owner).await, world.sight(&device).await);
    let identity = world.harness.hosted().identity();
    identity.revocations.revoke(owner.session_id.unwrap());
    let ended = (here.standing)().unwrap_err();
    assert_eq!(ended.reason(), "SESSION_ENDED");
    assert!((there.standing)().is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_is_revoked_has_to_be_shown_again() {
    let world = World::start().await;
    let NewApiKey {
        secret, api_key, ..
    } = world.key(Mode::Live, &["covers:read"]).await;
    let sight = world.eventually_standing(&secret).await;
    let request = RevokeApiKeyRequest {
        api_key_id: api_key.unwrap().id,
        request_id: String::new(),
    };
    world.keys().revoke_api_key(request).await.unwrap();
    let ended = (sight.standing)().unwrap_err();
    assert_eq!(ended.reason(), "API_KEY_NOT_CHECKED");
    world.ask(WATCH, &secret).await.unwrap_err();
}
