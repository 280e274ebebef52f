//! Uploads that come in part by part.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use covergen_ids::Clock;
use covergen_proto::media::v1::upload::State;
use covergen_proto::media::v1::{CreateUploadHeader, GetAssetRequest};
use covergen_store::Store;
use futures::StreamExt as _;
use sea_orm::{ConnectionTrait as _, DbBackend};
use sha2::{Digest as _, Sha256};
use toml::Table;
use tonic::Code;

use crate::tus::{Sender, noise, small_parts, told, until_no_parts};
use crate::upload::phone_photo;
use crate::world::{
    World, assert_refused, eventually, on_both, on_both_object_stores, on_both_with, png,
};

/// Parts smaller than a picture of one colour.
fn tiny_parts(table: &mut Table) {
    table.insert("upload_part_bytes".to_owned(), 500.into());
}

#[tokio::test]
async fn an_upload_in_parts_becomes_the_asset_that_the_whole_file_becomes() {
    on_both_with(tiny_parts, async |world| {
        let ada = Sender::new(&world);
        let file = phone_photo(400, 300);
        let whole = world.upload_named(&ada.who, "夏 1.jpg", &file).await;
        let upload = ada.begin(file.len(), "folder/夏 1.jpg", &[]).await;
        assert_eq!((upload.state(), upload.offset), (State::Receiving, 0));
        assert!(upload.expire_time.unwrap().seconds > upload.create_time.unwrap().seconds);
        let third = file.len() / 3;
        for (from, to) in [(0, third), (third, 2 * third), (2 * third, file.len())] {
            let after = ada.append(&upload.id, from, &file[from..to]).await.unwrap();
            assert_eq!(after.offset, i64::try_from(to).unwrap());
        }
        let done = ada.get(&upload.id).await.unwrap();
        assert_eq!(done.state(), State::Succeeded);
        let request = GetAssetRequest {
            asset_id: done.asset_id.clone(),
        };
        let asset = world.user(&ada.who).get_asset(request).await.unwrap();
        let asset = asset.into_inner();
        assert_eq!(
            (&asset.file_name, &asset.sha256, asset.metadata),
            (&whole.file_name, &whole.sha256, None)
        );
        assert_ne!(asset.id, whole.id);
        // Asking the last bytes in again is no harm.
        let again = ada.append(&upload.id, file.len(), &[]).await;
        assert_eq!(again.unwrap().asset_id, done.asset_id);
        until_no_parts(&world).await;
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn bytes_may_come_with_the_beginning_and_a_repeat_is_the_same_upload() {
    on_both_with(small_parts, async |world| {
        let ada = Sender::new(&world);
        let file = png(64, 64, 3);
        let header = CreateUploadHeader {
            request_id: "key".to_owned(),
            ..told(file.len(), "a.png")
        };
        let upload = ada.create(header.clone(), &file[..100]).await.unwrap();
        assert_eq!(upload.offset, 100);
        let again = ada.create(header, &file[..100]).await.unwrap();
        assert_eq!((&again.id, again.offset), (&upload.id, 100));
        let done = ada.append(&upload.id, 100, &file[100..]).await;
        assert_eq!(done.unwrap().state(), State::Succeeded);
        let at_once = ada.create(told(file.len(), "b.png"), &file).await;
        assert_eq!(at_once.unwrap().state(), State::Succeeded);
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn what_came_in_before_a_sender_went_away_is_kept() {
    on_both_with(small_parts, async |world| {
        let ada = Sender::new(&world);
        let file = noise(150, 120);
        let upload = ada.begin(file.len(), "a.jpg", &[]).await;
        let line = ada.append_slowly(&upload.id);
        line.send(&file[..25_000]);
        eventually("two parts are told of", async || {
            ada.offset(&upload.id).await >= 20_000
        })
        .await;
        // The sender is still there, with half a part, when its line is cut.
        line.cut();
        let held = ada.offset(&upload.id).await;
        let held = usize::try_from(held).unwrap();
        assert!(held == 20_000 || held == 25_000, "{held}");
        // Another goes on, though nobody has noticed yet that the first is gone.
        let rest = ada.append(&upload.id, held, &file[held..]).await;
        let done = match rest {
            Ok(done) => done,
            // The half part was counted in between.
            Err(status) => {
                assert_refused::<()>(Err(status), Code::Aborted, "UPLOAD_OFFSET_MISMATCH");
                ada.append(&upload.id, 25_000, &file[25_000..])
                    .await
                    .unwrap()
            }
        };
        assert_eq!(done.state(), State::Succeeded);
        until_no_parts(&world).await;
        world.harness.stop().await;
    })
    .await;
}

/// PostgreSQL alone: SQLite has one writer at a time.
#[tokio::test]
async fn what_is_counted_while_another_begins_moves_the_offset() {
    on_both_with(small_parts, async |world| {
        let config = &world.harness.hosted().config().database;
        let store = Store::open(config, "media", Clock::system()).await.unwrap();
        if store.backend() == DbBackend::Postgres {
            let ada = Sender::new(&world);
            let file = noise(150, 120);
            let upload = ada.begin(file.len(), "a.jpg", &[]).await;
            let counting = store.begin().await.unwrap();
            let count = format!(
                "UPDATE uploads SET stored_bytes = 10 WHERE id = '{}'",
                upload.id
            );
            counting.execute_unprepared(&count).await.unwrap();
            let then_counted = async {
                covergen_testkit::postgres_until_blocked(&config.url, "media").await;
                counting.commit().await.unwrap();
            };
            let begun = ada.append(&upload.id, 0, &file);
            let (refused, ()) = tokio::join!(begun, then_counted);
            assert_refused(refused, Code::Aborted, "UPLOAD_OFFSET_MISMATCH");
            assert_eq!(ada.offset(&upload.id).await, 10);
        }
        store.close().await;
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn of_two_senders_the_later_one_is_heard() {
    on_both_with(small_parts, async |world| {
        let ada = Sender::new(&world);
        let file = noise(150, 120);
        let upload = ada.begin(file.len(), "a.jpg", &[]).await;
        let first = ada.append_slowly(&upload.id);
        first.send(&file[..12_000]);
        eventually("a part is told of", async || {
            ada.offset(&upload.id).await == 10_000
        })
        .await;
        let second = ada.append(&upload.id, 10_000, &file[10_000..15_000]).await;
        assert_eq!(second.unwrap().offset, 15_000);
        first.send(&file[12_000..]);
        assert_refused(first.finish().await, Code::Aborted, "UPLOAD_TAKEN_OVER");
        let late = ada.append(&upload.id, 10_000, &file[10_000..]).await;
        assert_refused(late, Code::Aborted, "UPLOAD_OFFSET_MISMATCH");
        let done = ada.append(&upload.id, 15_000, &file[15_000..]).await;
        assert_eq!(done.unwrap().state(), State::Succeeded);
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn bytes_with_another_checksum_are_not_kept() {
    on_both_with(small_parts, async |world| {
        let ada = Sender::new(&world);
        let file = noise(150, 120);
        let sum = |bytes: &[u8]| format!("sha256 {}", STANDARD.encode(Sha256::digest(bytes)));
        let upload = ada.begin(file.len(), "a.jpg", &[]).await;
        let wrong = ada
            .append_checked(&upload.id, 0, &file, &sum(b"else"))
            .await;
        assert_refused(wrong, Code::InvalidArgument, "UPLOAD_CHECKSUM_MISMATCH");
        assert_eq!(ada.offset(&upload.id).await, 0);
        until_no_parts(&world).await;
        for unknown in ["md5 eA==", "sha1 eA==", "sha1"] {
            let answer = ada.append_checked(&upload.id, 0, &file, unknown).await;
            assert_refused(answer, Code::InvalidArgument, "INVALID_REQUEST");
        }
        let right = ada.append_checked(&upload.id, 0, &file, &sum(&file)).await;
        assert_eq!(right.unwrap().state(), State::Succeeded);
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn what_is_no_picture_is_told_and_leaves_nothing() {
    on_both_with(small_parts, async |world| {
        let ada = Sender::new(&world);
        let upload = ada.begin(9, "a.png", &[]).await;
        let refused = ada.append(&upload.id, 0, b"nopicture").await;
        assert_refused(refused, Code::InvalidArgument, "IMAGE_FORMAT_UNSUPPORTED");
        let failed = ada.get(&upload.id).await.unwrap();
        assert_eq!(failed.state(), State::Failed);
        assert_eq!(failed.error.unwrap().reason, "IMAGE_FORMAT_UNSUPPORTED");
        until_no_parts(&world).await;
        // More than was announced, and more than may be.
        let upload = ada.begin(9, "a.png", &[]).await;
        let more = ada.append(&upload.id, 0, b"0123456789").await;
        assert_refused(more, Code::InvalidArgument, "UPLOAD_TOO_LONG");
        let huge = ada.create(told(11 * 1024 * 1024, "a.png"), &[]).await;
        assert_refused(huge, Code::InvalidArgument, "ASSET_TOO_LARGE");
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn nobody_else_finds_an_upload_and_its_owner_may_end_it() {
    on_both_with(small_parts, async |world| {
        let (ada, bob) = (Sender::new(&world), Sender::new(&world));
        let file = noise(150, 120);
        let upload = ada.begin(file.len(), "a.jpg", &file[..30_000]).await;
        let missing = "UPLOAD_NOT_FOUND";
        assert_refused(bob.get(&upload.id).await, Code::NotFound, missing);
        let foreign = bob.append(&upload.id, 30_000, &file[30_000..]).await;
        assert_refused(foreign, Code::NotFound, missing);
        assert_refused(bob.delete(&upload.id).await, Code::NotFound, missing);
        assert_eq!(ada.offset(&upload.id).await, 30_000);
        for _ in 0..2 {
            assert_eq!(ada.delete(&upload.id).await.unwrap().offset, 30_000);
        }
        assert_refused(ada.get(&upload.id).await, Code::NotFound, missing);
        until_no_parts(&world).await;
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn an_upload_that_is_not_gone_on_with_expires_and_is_swept() {
    let settings = |table: &mut Table| {
        small_parts(table);
        table.insert("upload_expires_ms".to_owned(), 400.into());
        table.insert("sweep_interval_ms".to_owned(), 100_000.into());
    };
    on_both_with(settings, async |world| {
        let ada = Sender::new(&world);
        let upload = ada.begin(20_000, "a.jpg", &[7; 15_000]).await;
        eventually("it has expired", async || {
            ada.get(&upload.id).await.is_err()
        })
        .await;
        let late = ada
            .append_checked(&upload.id, 15_000, &[7; 5_000], "")
            .await;
        assert_refused(late, Code::NotFound, "UPLOAD_EXPIRED");
        assert!(!world.objects("uploads").is_empty());
        let who = ada.who;
        let world = world
            .restart(|table| {
                settings(table);
                table.insert("sweep_interval_ms".to_owned(), 50.into());
            })
            .await;
        let ada = Sender::again(&world, who);
        until_no_parts(&world).await;
        let gone = ada.get(&upload.id).await;
        assert_refused(gone, Code::NotFound, "UPLOAD_NOT_FOUND");
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_part_that_an_interrupted_sender_left_is_swept() {
    let settings = |table: &mut Table| {
        small_parts(table);
        table.insert("sweep_interval_ms".to_owned(), 50.into());
    };
    on_both_with(settings, async |world| {
        let ada = Sender::new(&world);
        let upload = ada.begin(20_000, "a.jpg", &[7; 5_000]).await;
        // As it is when the process dies between the object and the count.
        let key = "uploads/dead/part";
        let path = world.harness.folder().join("objects").join(key);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, b"left").unwrap();
        let staged = world
            .sql(&format!(
                "INSERT INTO upload_parts (object_key, upload_id, workspace_id, state, \
                 begin_bytes, bytes, touched_at_ms) VALUES ('{key}', '{}', '{}', 'PENDING', \
                 5000, 4, 0)",
                upload.id, ada.who.workspace_id
            ))
            .await;
        assert_eq!(staged, 1);
        eventually("the part that does not count is gone", async || {
            !path.exists() && world.sql("UPDATE upload_parts SET bytes = bytes").await == 1
        })
        .await;
        assert_eq!(ada.offset(&upload.id).await, 5_000);
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn completing_again_also_after_a_restart_changes_nothing() {
    on_both_with(small_parts, async |world| {
        let ada = Sender::new(&world);
        let file = png(64, 64, 3);
        let upload = ada.begin(file.len(), "a.png", &file[..50]).await;
        let done = ada.append(&upload.id, 50, &file[50..]).await;
        let asset = done.unwrap().asset_id;
        // A second run of the work changes nothing.
        let again = ada.append(&upload.id, file.len(), &[]).await;
        assert_eq!(again.unwrap().asset_id, asset);
        let who = ada.who;
        let world = world.restart(small_parts).await;
        let ada = Sender::again(&world, who);
        assert_eq!(ada.get(&upload.id).await.unwrap().asset_id, asset);
        let listed = world.list(&ada.who, Default::default()).await.unwrap();
        assert_eq!(listed.assets.len(), 1);
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_person_may_have_so_many_uploads_at_once() {
    let settings = |table: &mut Table| {
        table.insert("open_uploads".to_owned(), 3.into());
        table.insert("open_upload_bytes".to_owned(), 1_000.into());
    };
    on_both_with(settings, async |world| {
        let (ada, bob) = (Sender::new(&world), Sender::new(&world));
        let too_long = ada.create(told(1_001, "a.png"), &[]).await;
        assert_refused(too_long, Code::ResourceExhausted, "UPLOADS_LIMIT_REACHED");
        let at_once = (0..8).map(|_| ada.create(told(100, "a.png"), &[]));
        let answers = futures::stream::iter(at_once).buffer_unordered(8);
        let answers: Vec<_> = answers.collect().await;
        let begun: Vec<_> = answers.iter().flatten().collect();
        assert_eq!(begun.len(), 3);
        bob.begin(100, "a.png", &[]).await;
        ada.delete(&begun[0].id).await.unwrap();
        ada.begin(100, "a.png", &[]).await;
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn who_leaves_leaves_no_upload() {
    on_both_with(small_parts, async |world| {
        let (ada, bob) = (Sender::new(&world), Sender::new(&world));
        ada.create(told(30_000, "mine.jpg"), &[1; 25_000])
            .await
            .unwrap();
        let kept = bob.create(told(9_000, "b.jpg"), &[2; 5_000]).await.unwrap();
        world.leave(&ada.who).await;
        eventually("only the other's part is left", async || {
            world.objects("uploads").len() == 1
                && world.sql("UPDATE uploads SET parts = parts").await == 1
        })
        .await;
        assert_eq!(bob.offset(&kept.id).await, 5_000);
        let late = ada.create(told(9, "a.jpg"), &[]).await;
        assert_refused(late, Code::FailedPrecondition, "WORKSPACE_CLOSED");
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn parts_are_kept_in_either_object_store() {
    on_both_object_stores(async |world: World| {
        let ada = Sender::new(&world);
        // More than two parts of the usual length.
        let file = noise(1500, 1000);
        assert!(file.len() > 4 * 1024 * 1024 && file.len() < 10 * 1024 * 1024);
        let half = file.len() / 2 + 12_345;
        let upload = ada.begin(file.len(), "noise.png", &file[..half]).await;
        let done = ada.append(&upload.id, half, &file[half..]).await;
        let done = done.unwrap();
        assert_eq!(done.state(), State::Succeeded);
        let other = ada.begin(file.len(), "noise.png", &file[..half]).await;
        world.leave(&ada.who).await;
        eventually("nothing is left in the store", async || {
            world.keys().await.is_empty() && world.keys_in("uploads").await.is_empty()
        })
        .await;
        let gone = ada.get(&other.id).await;
        assert_refused(gone, Code::NotFound, "UPLOAD_NOT_FOUND");
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_copy_of_ones_data_tells_of_open_uploads() {
    on_both(async |world| {
        let ada = Sender::new(&world);
        ada.create(told(9_000, "mine.jpg"), &[2; 5_000])
            .await
            .unwrap();
        let files = crate::export::copy(&world, &ada.who).await;
        let text = String::from_utf8(files["uploads.jsonl"].clone()).unwrap();
        assert!(
            text.contains("\"fileName\":\"mine.jpg\"") && text.contains("\"storedBytes\":5000")
        );
        world.harness.stop().await;
    })
    .await;
}
