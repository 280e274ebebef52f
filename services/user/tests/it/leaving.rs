use std::io::Write as _;

use covergen_events::Position;
use covergen_identity::Principal;
use covergen_proto::cover::v1::CoverGenerated;
use covergen_proto::events::v1::Envelope;
use covergen_proto::safety::v1::{ListViolationsRequest, ScreenTextRequest, safety_service_client};
use covergen_proto::user::v1::{
    DeleteUserRequest, DownloadUserDataRequest, ExportUserDataRequest, GetUserRequest, Preferences,
    UpdatePreferencesRequest, UserDeleted,
};
use prost::{Message as _, Name as _};
use tonic::{Code, Status};

use crate::world::{Engine, World, consume, eventually, refused};

on_both_engines!(
    leaving_must_be_meant,
    nothing_of_somebody_who_left_is_kept_or_made_again,
    everybody_is_told_who_left,
    a_copy_holds_what_every_service_keeps,
    a_copy_is_ones_own_and_ends,
);

fn delete(user_id: &str, confirmation: &str) -> DeleteUserRequest {
    DeleteUserRequest {
        user_id: user_id.to_owned(),
        confirmation: confirmation.to_owned(),
    }
}

const MEANT: &str = "delete my account";

async fn leaving_must_be_meant(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.somebody("ada@example.org").await;
    let bob = world.somebody("bob@example.org").await;
    let mut client = world.person(&ada);
    for unmeant in ["", "yes", "Delete My Account"] {
        let answer = client.delete_user(delete("me", unmeant)).await;
        refused(answer, Code::FailedPrecondition, "CONFIRMATION_NEEDED");
    }
    // Not even an administrator deletes somebody else this way.
    for mut other in [world.person(&bob), world.operator()] {
        let answer = other
            .delete_user(delete(&ada.user_id.to_string(), MEANT))
            .await;
        refused(answer, Code::NotFound, "USER_NOT_FOUND");
    }
    world.quota(&ada).await;
}

/// Somebody whose session is not asked about: auth ends the sessions of those
/// who leave.
fn sessionless(who: &Principal) -> Principal {
    Principal {
        session_id: None,
        ..who.clone()
    }
}

/// Leaves, and leaves again, as a client does that missed the answer.
async fn leave_twice(world: &World, who: &Principal) {
    for who in [who, &sessionless(who)] {
        let left = world.person(who).delete_user(delete("me", MEANT)).await;
        left.unwrap();
    }
}

/// Tables with a column that names a person.
pub(crate) const TABLES: [&str; 8] = [
    "profiles",
    "members",
    "quota_periods",
    "quota_ledger",
    "reservations",
    "preferences",
    "history",
    "data_exports",
];

pub(crate) async fn rows_of(world: &World, who: &Principal) -> Vec<(&'static str, i64)> {
    let mut rows = Vec::new();
    for table in TABLES {
        let sql = format!(
            "SELECT count(*) FROM {table} WHERE user_id = '{}'",
            who.user_id
        );
        rows.push((table, world.number(&sql).await));
    }
    let claims = format!(
        "SELECT count(*) FROM idempotency_claims WHERE principal = '{}'",
        who.user_id
    );
    rows.push(("claims", world.number(&claims).await));
    rows
}

/// Leaves something in every table.
async fn live(world: &World, who: &Principal) {
    let mut client = world.person(who);
    client.consume_quota(consume(2, "key")).await.unwrap();
    world.reserve(who.user_id, world.task(), 1).await.unwrap();
    let request = UpdatePreferencesRequest {
        user_id: "me".to_owned(),
        preferences: Some(Preferences::default()),
        ..UpdatePreferencesRequest::default()
    };
    client.update_preferences(request).await.unwrap();
    ask(world, who).await;
    world.tell(who, 1_000, &made(who)).await;
    let noted = format!(
        "SELECT count(*) FROM history WHERE user_id = '{}'",
        who.user_id
    );
    eventually("history is noted", || async {
        world.number(&noted).await == 1
    })
    .await;
}

fn made(who: &Principal) -> CoverGenerated {
    CoverGenerated {
        task_id: "tsk_1".to_owned(),
        user_id: who.user_id.to_string(),
        ..CoverGenerated::default()
    }
}

async fn nothing_of_somebody_who_left_is_kept_or_made_again(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.somebody("ada@example.org").await;
    let bob = world.somebody("bob@example.org").await;
    live(&world, &ada).await;
    live(&world, &bob).await;
    let before = rows_of(&world, &bob).await;
    assert!(
        rows_of(&world, &ada)
            .await
            .iter()
            .all(|(_, rows)| *rows > 0)
    );

    leave_twice(&world, &ada).await;
    assert!(
        rows_of(&world, &ada)
            .await
            .iter()
            .all(|(_, rows)| *rows == 0)
    );
    assert_eq!(rows_of(&world, &bob).await, before);
    let spaces = format!(
        "SELECT count(*) FROM workspaces WHERE workspace_id = '{}'",
        ada.workspace_id
    );
    assert_eq!(world.number(&spaces).await, 0);

    // A token that is still about, and an event that comes late, make nothing.
    let me = GetUserRequest {
        user_id: "me".to_owned(),
    };
    let mut late = world.person(&sessionless(&ada));
    refused(late.get_user(me).await, Code::NotFound, "USER_NOT_FOUND");
    let reserved = world.reserve(ada.user_id, world.task(), 1).await;
    refused(reserved, Code::NotFound, "USER_NOT_FOUND");
    world.tell(&ada, 2_000, &made(&ada)).await;
    world.tell(&bob, 3_000, &made(&bob)).await;
    let noted = format!(
        "SELECT count(*) FROM history WHERE user_id = '{}'",
        bob.user_id
    );
    eventually("the one behind is noted", || async {
        world.number(&noted).await == 2
    })
    .await;
    assert!(
        rows_of(&world, &ada)
            .await
            .iter()
            .all(|(_, rows)| *rows == 0)
    );
    world.assert_balanced().await;
}

async fn told(world: &World) -> Vec<UserDeleted> {
    let log = covergen_events::open(&world.harness.hosted().config().events).await;
    let stored = log.unwrap().read("user", Position::Beginning, 1_000).await;
    let envelopes = stored.unwrap_or_default().into_iter();
    envelopes
        .map(|stored| Envelope::decode(stored.record.payload).unwrap())
        .filter(|envelope| envelope.r#type == UserDeleted::full_name())
        .map(|envelope| UserDeleted::decode(envelope.data).unwrap())
        .collect()
}

async fn everybody_is_told_who_left(engine: Engine) {
    let world = World::with_keepers(engine).await;
    let ada = world.somebody("ada@example.org").await;
    blocked(&world, &ada).await;
    leave_twice(&world, &ada).await;
    let expected = UserDeleted {
        user_id: ada.user_id.to_string(),
        workspace_id: ada.workspace_id.to_string(),
    };
    eventually("it is told, once", || async {
        told(&world).await == [expected.clone()]
    })
    .await;
    eventually("others have erased theirs", || async {
        let client = world.harness.as_user(&sessionless(&ada), "safety");
        let listed = safety_service_client(client)
            .list_violations(ListViolationsRequest::default())
            .await;
        listed.unwrap().into_inner().violations.is_empty()
    })
    .await;
}

/// Has something stopped by the real safety service.
async fn blocked(world: &World, who: &Principal) {
    let channel = world.harness.as_service("cover", Some(who), "safety");
    let request = ScreenTextRequest {
        texts: vec!["buy cocaine".to_owned()],
        subject: "tsk_blocked".to_owned(),
    };
    let screened = safety_service_client(channel).screen_text(request).await;
    assert!(screened.unwrap().into_inner().flagged);
}

async fn ask(world: &World, who: &Principal) -> String {
    let request = ExportUserDataRequest {
        user_id: "me".to_owned(),
        request_id: "copy".to_owned(),
    };
    let copy = world.person(who).export_user_data(request).await.unwrap();
    copy.into_inner().id
}

async fn download(world: &World, who: &Principal, id: &str) -> Result<Vec<u8>, Status> {
    let request = DownloadUserDataRequest {
        user_id: "me".to_owned(),
        data_export_id: id.to_owned(),
    };
    let mut stream = world
        .person(who)
        .download_user_data(request)
        .await?
        .into_inner();
    let mut bytes = Vec::new();
    while let Some(piece) = stream.message().await? {
        assert!(piece.data.len() <= 256 * 1024);
        assert_eq!(piece.content_type, "application/zip");
        bytes.extend_from_slice(&piece.data);
    }
    Ok(bytes)
}

/// What Python makes of a ZIP: an independent reader, which checks every
/// checksum.
fn unzipped(bytes: &[u8]) -> serde_json::Map<String, serde_json::Value> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    let script = "import json, sys, zipfile\n\
                  z = zipfile.ZipFile(sys.argv[1])\n\
                  assert z.testzip() is None\n\
                  print(json.dumps({n: z.read(n).decode('utf-8', 'replace') for n in z.namelist()}))";
    let output = std::process::Command::new("python3")
        .args(["-c", script])
        .arg(file.path())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

async fn a_copy_holds_what_every_service_keeps(engine: Engine) {
    let world = World::with_keepers(engine).await;
    let ada = world.somebody("ada@example.org").await;
    let bob = world.somebody("bob@example.org").await;
    live(&world, &ada).await;
    blocked(&world, &ada).await;
    let noted = format!(
        "SELECT count(*) FROM history WHERE user_id = '{}'",
        ada.user_id
    );
    eventually("what was stopped is noted", || async {
        world.number(&noted).await == 2
    })
    .await;
    world.quota(&bob).await;
    let bytes = download(&world, &ada, &ask(&world, &ada).await)
        .await
        .unwrap();
    let files = unzipped(&bytes);
    let text = |path: &str| files[path].as_str().unwrap();
    assert!(text("user/profile.json").contains("ada@example.org"));
    assert_eq!(text("user/quota.jsonl").lines().count(), 2);
    assert_eq!(text("user/history.jsonl").lines().count(), 2);
    assert!(text("safety/violations.jsonl").contains("tsk_blocked"));
    assert!(
        files.keys().any(|path| path.starts_with("auth/")),
        "{:?}",
        files.keys()
    );
    for content in files.values() {
        let content = content.as_str().unwrap();
        assert!(!content.contains("bob@example.org") && !content.contains("argon2"));
    }
}

async fn a_copy_is_ones_own_and_ends(engine: Engine) {
    let settings = "data_keepers = []\ndata_export_ttl_ms = 0";
    let world = World::with(engine, covergen_ids::Clock::system(), settings).await;
    let ada = world.somebody("ada@example.org").await;
    let bob = world.somebody("bob@example.org").await;
    let id = ask(&world, &ada).await;
    for (who, id) in [
        (&bob, id.as_str()),
        (&ada, id.as_str()),
        (&ada, "dex_nonsense"),
    ] {
        let answer = download(&world, who, id).await;
        refused(answer, Code::NotFound, "DATA_EXPORT_NOT_FOUND");
    }
}
