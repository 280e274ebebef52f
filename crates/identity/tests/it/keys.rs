use covergen_identity::{AccessTokens, KeyError, KeySet, Principal, Role};
use covergen_ids::{Clock, UserId, WorkspaceId};

fn principal(clock: &Clock) -> Principal {
    Principal {
        user_id: UserId::new(clock),
        workspace_id: WorkspaceId::new(clock),
        roles: vec![Role::Creator],
        session_id: None,
        scopes: None,
    }
}

#[test]
fn a_folder_keeps_its_key_across_starts() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::system();
    let first = AccessTokens::new(
        KeySet::load_or_create(folder.path()).unwrap(),
        clock.clone(),
    );
    let token = first.issue(&principal(&clock)).unwrap();
    let second = AccessTokens::new(KeySet::load_or_create(folder.path()).unwrap(), clock);
    assert!(second.verify(&token).is_ok());
}

#[test]
fn an_added_key_signs_and_the_old_one_still_verifies() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::system();
    let old = AccessTokens::new(
        KeySet::load_or_create(folder.path()).unwrap(),
        clock.clone(),
    );
    let token = old.issue(&principal(&clock)).unwrap();

    let other = tempfile::tempdir().unwrap();
    KeySet::load_or_create(other.path()).unwrap();
    std::fs::copy(
        other.path().join("0001.pem"),
        folder.path().join("0002.pem"),
    )
    .unwrap();
    let both = AccessTokens::new(KeySet::load(folder.path()).unwrap(), clock.clone());
    assert!(both.verify(&token).is_ok());
    assert_eq!(both.keys().public_keys().len(), 2);
    let newer = both.issue(&principal(&clock)).unwrap();
    assert!(old.verify(&newer).is_err());
}

#[test]
fn a_key_file_is_readable_by_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    KeySet::load_or_create(folder.path()).unwrap();
    let mode = std::fs::metadata(folder.path().join("0001.pem"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o077, 0, "{mode:o}");
}

#[test]
fn an_empty_folder_and_a_foreign_file_are_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(
        KeySet::load(folder.path()),
        Err(KeyError::Empty(_))
    ));
    std::fs::write(folder.path().join("x.pem"), "not a key").unwrap();
    let error = KeySet::load(folder.path()).unwrap_err();
    assert!(error.to_string().contains("x.pem"), "{error}");
}
