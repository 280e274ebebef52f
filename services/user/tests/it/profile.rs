use covergen_proto::user::v1::tier::Kind;
use covergen_proto::user::v1::{GetUserRequest, ListWorkspacesRequest, UpdateUserRequest, User};
use covergen_proto::wkt::FieldMask;
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::world::{Engine, World, refused};

on_both_engines!(
    a_profile_is_made_when_it_is_first_needed,
    many_who_need_a_profile_first_make_one,
    a_mask_changes_what_it_names_and_nothing_else,
    a_mask_with_unknown_paths_is_refused_with_every_one_of_them,
    a_user_name_belongs_to_one_person,
    a_repeated_key_changes_once,
    the_personal_workspace_is_listed,
);

fn me() -> GetUserRequest {
    GetUserRequest {
        user_id: "me".to_owned(),
    }
}

fn update(user: User, paths: &[&str]) -> UpdateUserRequest {
    UpdateUserRequest {
        user_id: "me".to_owned(),
        user: Some(user),
        update_mask: Some(FieldMask {
            paths: paths.iter().map(|&path| path.to_owned()).collect(),
        }),
        request_id: String::new(),
    }
}

async fn a_profile_is_made_when_it_is_first_needed(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.somebody("ada@example.org").await;
    let profile = world
        .person(&ada)
        .get_user(me())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(profile.id, ada.user_id.to_string());
    assert_eq!(profile.workspace_id, ada.workspace_id.to_string());
    assert_eq!(
        (profile.email.as_str(), profile.display_name.as_str()),
        ("ada@example.org", "Ada")
    );
    assert_eq!(
        (profile.tier(), profile.username.as_str()),
        (Kind::Free, "")
    );
    // A token for somebody whom auth does not know makes no profile.
    let ghost = world.person(&world.harness.creator()).get_user(me()).await;
    refused(ghost, Code::NotFound, "USER_NOT_FOUND");
    assert_eq!(world.number("SELECT count(*) FROM profiles").await, 1);
}

async fn many_who_need_a_profile_first_make_one(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.somebody("ada@example.org").await;
    let all = (0..20).map(|_| async { world.person(&ada).get_user(me()).await.unwrap() });
    futures::future::join_all(all).await;
    assert_eq!(world.number("SELECT count(*) FROM profiles").await, 1);
    assert_eq!(world.number("SELECT count(*) FROM members").await, 1);
}

async fn a_mask_changes_what_it_names_and_nothing_else(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.somebody("ada@example.org").await;
    let new = User {
        username: "ada".to_owned(),
        display_name: "Countess".to_owned(),
        language: "en".to_owned(),
        ..User::default()
    };
    let mut calling = world.person(&ada);
    let changed = calling
        .update_user(update(new.clone(), &["username", "language"]))
        .await;
    let changed = changed.unwrap().into_inner();
    assert_eq!(
        (changed.username.as_str(), changed.language.as_str()),
        ("ada", "en")
    );
    assert_eq!(changed.display_name, "Ada");
    let unmasked = UpdateUserRequest {
        update_mask: None,
        user: Some(User {
            time_zone: "Europe/Berlin".to_owned(),
            ..User::default()
        }),
        ..update(new, &[])
    };
    let changed = calling.update_user(unmasked).await.unwrap().into_inner();
    assert_eq!(
        (changed.time_zone.as_str(), changed.username.as_str()),
        ("Europe/Berlin", "ada")
    );
    let cleared = calling
        .update_user(update(User::default(), &["username"]))
        .await
        .unwrap();
    assert_eq!(cleared.into_inner().username, "");
    let spaces = User {
        display_name: "  ".to_owned(),
        ..User::default()
    };
    let refusal = calling.update_user(update(spaces, &["display_name"])).await;
    refused(refusal, Code::InvalidArgument, "INVALID_REQUEST");
}

async fn a_mask_with_unknown_paths_is_refused_with_every_one_of_them(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.somebody("ada@example.org").await;
    let before = world.person(&ada).get_user(me()).await.unwrap();
    let paths = ["language", "tier", "email", "nonsense"];
    let new = User {
        language: "fr".to_owned(),
        ..User::default()
    };
    let status = world
        .person(&ada)
        .update_user(update(new, &paths))
        .await
        .unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    let violations = status.get_details_bad_request().unwrap().field_violations;
    assert_eq!(violations.len(), 3);
    for (violation, path) in violations.iter().zip(&paths[1..]) {
        assert_eq!(violation.field, "updateMask");
        assert!(violation.description.contains(path), "{violation:?}");
    }
    let profile = world
        .person(&ada)
        .get_user(me())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(profile, before.into_inner(), "nothing was changed");
}

async fn a_user_name_belongs_to_one_person(engine: Engine) {
    let world = World::start(engine).await;
    let (ada, bob) = (
        world.somebody("ada@example.org").await,
        world.somebody("bob@example.org").await,
    );
    let named = User {
        username: "ada".to_owned(),
        ..User::default()
    };
    world
        .person(&ada)
        .update_user(update(named.clone(), &["username"]))
        .await
        .unwrap();
    let taken = world
        .person(&bob)
        .update_user(update(named.clone(), &["username"]))
        .await;
    refused(taken, Code::AlreadyExists, "USERNAME_TAKEN");
    world
        .person(&ada)
        .update_user(update(named, &["username"]))
        .await
        .unwrap();
}

async fn a_repeated_key_changes_once(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.somebody("ada@example.org").await;
    let mut request = update(
        User {
            language: "en".to_owned(),
            ..User::default()
        },
        &["language"],
    );
    request.request_id = "key-1".to_owned();
    let mut calling = world.person(&ada);
    let first = calling
        .update_user(request.clone())
        .await
        .unwrap()
        .into_inner();
    let again = calling
        .update_user(request.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(first, again);
    assert_eq!(
        world
            .number("SELECT count(*) FROM outbox WHERE name LIKE '%UserUpdated'")
            .await,
        1
    );
    request.update_mask.as_mut().unwrap().paths = vec!["username".to_owned()];
    let other = calling.update_user(request).await;
    refused(other, Code::InvalidArgument, "IDEMPOTENCY_KEY_REUSED");
}

async fn the_personal_workspace_is_listed(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.somebody("ada@example.org").await;
    world.somebody("bob@example.org").await;
    let page = world
        .person(&ada)
        .list_workspaces(ListWorkspacesRequest::default())
        .await;
    let workspaces = page.unwrap().into_inner().workspaces;
    assert_eq!(workspaces.len(), 1);
    assert_eq!(workspaces[0].id, ada.workspace_id.to_string());
    assert!(workspaces[0].personal);
}
