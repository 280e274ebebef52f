//! Archives of pictures.

use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use covergen_proto::media::v1::upload::State;
use covergen_proto::media::v1::{
    Asset, CreateUploadHeader, GetAssetRequest, ListAssetsRequest, Upload, UploadArchive,
};
use toml::Table;
use tonic::Code;

use crate::tus::{Sender, noise, small_parts, told, until_no_parts};
use crate::upload::phone_photo;
use crate::world::{
    World, assert_refused, eventually, on_both, on_both_object_stores, on_both_with, png,
};
use crate::zips::{File, close, zip};

/// What is told of an archive.
fn archive_of(length: usize) -> CreateUploadHeader {
    let told = told(length, "album.zip");
    let kind = STANDARD.encode("application/zip");
    CreateUploadHeader {
        metadata: format!("{},filetype {kind}", told.metadata),
        ..told
    }
}

/// Sends an archive in two pieces and waits until it is settled.
async fn send(ada: &Sender<'_>, bytes: &[u8]) -> Upload {
    let begun = begin(ada, bytes).await;
    eventually("the archive is settled", async || {
        is_settled(&ada.get(&begun).await.unwrap())
    })
    .await;
    ada.get(&begun).await.unwrap()
}

/// Sends an archive, and names it.
async fn begin(ada: &Sender<'_>, bytes: &[u8]) -> String {
    let (first, rest) = bytes.split_at(bytes.len() / 3);
    let upload = ada.create(archive_of(bytes.len()), first).await.unwrap();
    let whole = ada.append(&upload.id, first.len(), rest).await.unwrap();
    assert_eq!(whole.offset, whole.length);
    assert!(whole.archive.is_some());
    upload.id
}

fn is_settled(upload: &Upload) -> bool {
    matches!(upload.state(), State::Succeeded | State::Failed)
}

/// Names and what came of them: empty for an asset, else the reason.
fn outcomes(archive: &UploadArchive) -> Vec<(&str, &str)> {
    let results = archive.results.iter();
    let told: Vec<_> = results
        .map(|entry| {
            let reason = entry.error.as_ref().map_or("", |error| &*error.reason);
            assert_eq!(reason.is_empty(), !entry.asset_id.is_empty(), "{entry:?}");
            (&*entry.name, reason)
        })
        .collect();
    let failed = told.iter().filter(|(_, reason)| !reason.is_empty()).count();
    let (done, failed) = (told.len() - failed, failed);
    let small = |count: usize| i32::try_from(count).unwrap();
    assert_eq!(
        (archive.succeeded, archive.failed),
        (small(done), small(failed))
    );
    told
}

async fn asset(world: &World, ada: &Sender<'_>, id: &str) -> Asset {
    let request = GetAssetRequest {
        asset_id: id.to_owned(),
    };
    let answer = world.user(&ada.who).get_asset(request).await.unwrap();
    answer.into_inner()
}

/// Every asset of a person's.
async fn library(world: &World, ada: &Sender<'_>) -> Vec<Asset> {
    let request = ListAssetsRequest {
        page_size: 100,
        ..ListAssetsRequest::default()
    };
    world.list(&ada.who, request).await.unwrap().assets
}

/// So many different pictures.
fn album(count: u8) -> Vec<File> {
    let file = |seed| File::deflated(&format!("album/{seed}.png"), &png(40, 30, seed));
    (0..count).map(file).collect()
}

#[tokio::test]
async fn each_picture_in_an_archive_becomes_the_asset_that_it_becomes_alone() {
    on_both_with(small_parts, async |world| {
        let ada = Sender::new(&world);
        let (photo, drawing) = (phone_photo(400, 300), png(64, 64, 3));
        let done = send(
            &ada,
            &zip(&[
                File::stored("trip/夏 1.jpg", &photo),
                File::deflated("trip/sub/drawing.png", &drawing),
                File::deflated("trip/notes.txt", b"what a day"),
                File::stored("trip/", b""),
                File::stored("__MACOSX/trip/._夏 1.jpg", b"fork"),
            ]),
        )
        .await;
        assert_eq!(done.state(), State::Succeeded, "{done:?}");
        assert!(done.asset_id.is_empty());
        let archive = done.archive.unwrap();
        assert_eq!(archive.entries, 3);
        assert_eq!(
            outcomes(&archive),
            [
                ("夏 1.jpg", ""),
                ("drawing.png", ""),
                ("notes.txt", "IMAGE_FORMAT_UNSUPPORTED")
            ]
        );
        for (entry, file) in archive.results.iter().zip([&photo, &drawing]) {
            let stored = asset(&world, &ada, &entry.asset_id).await;
            // Upright, without its place, and all that: the same content.
            let alone = world.upload_named(&ada.who, &entry.name, file).await;
            assert_eq!(
                (&stored.sha256, &stored.file_name, &stored.source),
                (&alone.sha256, &alone.file_name, &alone.source)
            );
            assert!(stored.metadata.is_none());
        }
        until_no_parts(&world).await;
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn archives_of_every_common_make_are_read() {
    on_both(async |world| {
        let ada = Sender::new(&world);
        let file = |seed| File::deflated(&format!("{seed}.png"), &png(40, 30, seed));
        let plain = zip(&album(2));
        let mut prefixed = b"#!/bin/sh\n".to_vec();
        prefixed.extend(&plain);
        for bytes in [
            plain,
            zip(&[file(0).with_descriptor(), file(1)]),
            zip(&[file(0).in_zip64(), file(1).in_zip64()]),
            zip(&[file(0).in_zip64().with_descriptor(), file(1)]),
            prefixed,
        ] {
            let done = send(&ada, &bytes).await;
            let archive = done.archive.unwrap();
            assert_eq!((archive.succeeded, archive.failed), (2, 0), "{archive:?}");
        }
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn what_is_wrong_with_a_file_is_told_and_the_others_are_taken() {
    let settings = |table: &mut Table| {
        table.insert("upload_max_bytes".to_owned(), 200_000.into());
        table.insert("upload_max_pixels".to_owned(), 10_000.into());
    };
    on_both_with(settings, async |world| {
        let ada = Sender::new(&world);
        let good = png(40, 30, 1);
        let fine = |name: &str| File::stored(name, &good);
        let zeros = vec![0; 8 * 1024 * 1024];
        let long = noise(300, 300);
        assert!(long.len() > 200_000);
        let cut = File::deflated("cut.png", &long);
        let files = [
            (fine("a.png"), ""),
            (fine("a.png"), "ENTRY_NAME_REPEATED"),
            (fine("../b.png"), "ENTRY_NAME_UNSAFE"),
            (fine("/etc/c.png"), "ENTRY_NAME_UNSAFE"),
            (fine("..\\d.png"), "ENTRY_NAME_UNSAFE"),
            (fine("e.png").encrypted(), "ENTRY_ENCRYPTED"),
            (fine("f.png").method(14), "ENTRY_METHOD_UNSUPPORTED"),
            (
                File::stored("g.png", b"/etc/passwd").link(),
                "ENTRY_IS_LINK",
            ),
            (File::stored("h.zip", &zip(&album(1))), "ENTRY_IS_ARCHIVE"),
            (File::deflated("i.png", &zeros), "ENTRY_RATIO_TOO_HIGH"),
            // The same, and it says that it is small.
            (
                File::deflated("j.png", &zeros).states(1000),
                "ENTRY_DAMAGED",
            ),
            (File::deflated("k.png", &good).states(99), "ENTRY_DAMAGED"),
            (File::stored("l.png", &long), "ASSET_TOO_LARGE"),
            (fine("m.png").with_wrong_checksum(), "ENTRY_DAMAGED"),
            (fine("n.png").states(1), "ENTRY_DAMAGED"),
            (fine("o.png").method(8), "ENTRY_DAMAGED"),
            (
                File::deflated("p.png", &png(101, 100, 1)),
                "IMAGE_TOO_LARGE",
            ),
            (File::stored("q.png", b""), "IMAGE_FORMAT_UNSUPPORTED"),
            (cut.states(150_000), "ENTRY_DAMAGED"),
            (fine("z.png"), ""),
        ];
        let (files, reasons): (Vec<_>, Vec<_>) = files.into_iter().unzip();
        let done = send(&ada, &zip(&files)).await;
        assert_eq!(done.state(), State::Succeeded);
        let archive = done.archive.unwrap();
        let told: Vec<&str> = outcomes(&archive).into_iter().map(|told| told.1).collect();
        assert_eq!(told, reasons, "{archive:#?}");
        assert_eq!(library(&world, &ada).await.len(), 2);
        // Names are shown without a place.
        assert!(
            archive
                .results
                .iter()
                .all(|entry| !entry.name.contains(".."))
        );
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn of_an_archive_that_cannot_be_trusted_nothing_is_taken() {
    let settings = |table: &mut Table| {
        table.insert("archive_entries".to_owned(), 5.into());
        table.insert("archive_max_bytes".to_owned(), 1_000_000.into());
    };
    on_both_with(settings, async |world| {
        let ada = Sender::new(&world);
        let files = album(3);
        let whole = zip(&files);
        let directory = whole.len() - 22 - files.iter().map(|f| 46 + f.name.len()).sum::<usize>();
        // Every record leads to the same bytes.
        let shared = {
            let out = whole[..directory].to_vec();
            close(out, &[(&files[0], 0), (&files[1], 0), (&files[2], 0)])
        };
        let overlapping = {
            let out = whole[..directory].to_vec();
            close(out, &[(&files[0], 0), (&files[1], 5)])
        };
        // The directory ends in the middle of a record.
        let mut cut = whole[..directory + 60].to_vec();
        cut.extend(&whole[whole.len() - 22..]);
        // It says that it holds another number of files.
        let mut miscounted = whole.clone();
        let at = miscounted.len() - 22 + 10;
        miscounted[at] = 2;
        miscounted[at - 2] = 2;
        // One record after the other leads beyond the end.
        let outside = close(
            whole[..directory].to_vec(),
            &[(&files[0], 0), (&files[1], 1 << 30)],
        );
        for (bytes, reason) in [
            (
                b"no archive at all, whatever it is called".to_vec(),
                "ARCHIVE_INVALID",
            ),
            (whole[..whole.len() - 30].to_vec(), "ARCHIVE_INVALID"),
            (cut, "ARCHIVE_INVALID"),
            (miscounted, "ARCHIVE_INVALID"),
            (shared, "ARCHIVE_INVALID"),
            (overlapping, "ARCHIVE_INVALID"),
            (zip(&album(6)), "ARCHIVE_TOO_MANY_ENTRIES"),
            (zip(&[]), "ARCHIVE_WITHOUT_PICTURES"),
            (
                zip(&[File::stored("a.txt", b"a")]),
                "ARCHIVE_WITHOUT_PICTURES",
            ),
        ] {
            let done = send(&ada, &bytes).await;
            assert_eq!(done.state(), State::Failed);
            assert_eq!(done.error.unwrap().reason, reason);
            // Whoever sends the last bytes again hears it too.
            let again = ada.append(&done.id, bytes.len(), &[]).await;
            assert_refused(again, Code::InvalidArgument, reason);
        }
        assert!(library(&world, &ada).await.is_empty());
        let done = send(&ada, &outside).await;
        let archive = done.archive.unwrap();
        let reasons = outcomes(&archive).into_iter().map(|told| told.1);
        assert_eq!(reasons.collect::<Vec<_>>(), ["", "ENTRY_DAMAGED"]);
        until_no_parts(&world).await;
        let huge = ada.create(archive_of(1_000_001), &[]).await;
        assert_refused(huge, Code::InvalidArgument, "ASSET_TOO_LARGE");
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn an_archive_whose_directory_is_longer_than_that_of_any_album_is_refused() {
    let settings = |table: &mut Table| {
        table.insert("archive_entries".to_owned(), 5.into());
    };
    on_both_with(settings, async |world| {
        let ada = Sender::new(&world);
        for (name_bytes, state) in [(15_000, State::Succeeded), (60_000, State::Failed)] {
            let name = "n".repeat(name_bytes);
            let done = send(&ada, &zip(&[File::stored(&name, &png(40, 30, 1))])).await;
            assert_eq!(done.state(), state, "{name_bytes}");
            let reason = done.error.map_or_else(String::new, |error| error.reason);
            let wanted = match state {
                State::Failed => "ARCHIVE_INVALID",
                _ => "",
            };
            assert_eq!(reason, wanted);
        }
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn work_on_an_archive_goes_on_after_a_restart_and_doubles_nothing() {
    on_both_with(small_parts, async |world| {
        let ada = Sender::new(&world);
        let files = album(60);
        let id = begin(&ada, &zip(&files)).await;
        eventually("some of it is done", async || {
            let archive = ada.get(&id).await.unwrap().archive.unwrap();
            archive.succeeded > 2
        })
        .await;
        let who = ada.who;
        let world = world.restart(small_parts).await;
        let ada = Sender::again(&world, who);
        let left = ada.get(&id).await.unwrap();
        assert!(!is_settled(&left), "there was nothing left to go on with");
        eventually("the archive is settled", async || {
            is_settled(&ada.get(&id).await.unwrap())
        })
        .await;
        let archive = ada.get(&id).await.unwrap().archive.unwrap();
        assert_eq!((archive.succeeded, archive.failed), (60, 0));
        let told: HashSet<_> = archive
            .results
            .iter()
            .map(|entry| &entry.asset_id)
            .collect();
        let listed = library(&world, &ada).await;
        assert_eq!((told.len(), listed.len()), (60, 60));
        assert!(listed.iter().all(|asset| told.contains(&asset.id)));
        until_no_parts(&world).await;
        world.harness.stop().await;
    })
    .await;
}

/// The command for a round of work, as the outbox holds it.
fn command(world: &World, id: &str, round: u8) -> String {
    world.blob(format!("{{\"upload_id\":\"{id}\",\"round\":{round}}}").as_bytes())
}

/// Lets every command that is left from now on be that for the first round.
async fn repeat_the_first_command(world: &World, id: &str) {
    let first = command(world, id, 0);
    let is_ours = "NEW.name = 'media.complete_upload'";
    let statement = if world.is_on_postgres() {
        format!(
            "CREATE FUNCTION first_again() RETURNS trigger AS $$ BEGIN \
             IF {is_ours} THEN NEW.payload := {first}; END IF; RETURN NEW; \
             END $$ LANGUAGE plpgsql; \
             CREATE TRIGGER first_again BEFORE INSERT ON outbox \
             FOR EACH ROW EXECUTE FUNCTION first_again()"
        )
    } else {
        format!(
            "CREATE TRIGGER first_again AFTER INSERT ON outbox WHEN {is_ours} \
             BEGIN UPDATE outbox SET payload = {first} WHERE id = NEW.id; END"
        )
    };
    world.sql(&statement).await;
}

async fn until_commands_are_carried_out(world: &World) {
    eventually("the commands are carried out", async || {
        let left = "UPDATE outbox SET attempts = attempts WHERE kind = 'command' AND \
                    sent_at_ms IS NULL";
        world.sql(left).await == 0
    })
    .await;
}

/// As if the process had died before it was told that the commands were carried
/// out: all of them come again, and say this round.
async fn replay(world: World, id: &str, round: u8) -> World {
    let again = world
        .sql(&format!(
            "UPDATE outbox SET sent_at_ms = NULL, payload = {} \
             WHERE name = 'media.complete_upload'",
            command(&world, id, round)
        ))
        .await;
    assert!(again > 1);
    world.restart(small_parts).await
}

#[tokio::test]
async fn work_that_was_done_and_not_told_is_not_done_again() {
    Box::pin(on_both_with(small_parts, async |world| {
        let ada = Sender::new(&world);
        let bytes = zip(&album(20));
        let upload = ada.create(archive_of(bytes.len()), &bytes[..100]).await;
        let id = upload.unwrap().id;
        repeat_the_first_command(&world, &id).await;
        ada.append(&id, 100, &bytes[100..]).await.unwrap();
        // The first round leaves a command, which is the first one again.
        eventually("the first round is done", async || {
            ada.get(&id).await.unwrap().archive.unwrap().succeeded == 8
        })
        .await;
        until_commands_are_carried_out(&world).await;
        let stays = ada.get(&id).await.unwrap();
        assert_eq!(stays.state(), State::Processing);
        assert_eq!(stays.archive.unwrap().succeeded, 8);
        let undo = if world.is_on_postgres() {
            "DROP TRIGGER first_again ON outbox"
        } else {
            "DROP TRIGGER first_again"
        };
        world.sql(undo).await;

        // One of these is the command that is due.
        let who = ada.who;
        let world = replay(world, &id, 1).await;
        let ada = Sender::again(&world, who);
        eventually("the archive is settled", async || {
            is_settled(&ada.get(&id).await.unwrap())
        })
        .await;
        let before = ada.get(&id).await.unwrap().archive.unwrap();
        assert_eq!(before.succeeded, 20);

        // And all of them once nothing is left to do.
        let who = ada.who;
        let world = replay(world, &id, 0).await;
        let ada = Sender::again(&world, who);
        until_commands_are_carried_out(&world).await;
        let after = ada.get(&id).await.unwrap().archive.unwrap();
        assert_eq!(after, before);
        assert_eq!(library(&world, &ada).await.len(), 20);
        world.harness.stop().await;
    }))
    .await;
}

#[tokio::test]
async fn who_ends_an_upload_or_leaves_ends_the_work_on_it() {
    on_both_with(small_parts, async |world| {
        let (ada, bob) = (Sender::new(&world), Sender::new(&world));
        let bytes = zip(&album(40));
        let (ended, left) = (begin(&ada, &bytes).await, begin(&bob, &bytes).await);
        assert_refused(bob.get(&ended).await, Code::NotFound, "UPLOAD_NOT_FOUND");
        ada.delete(&ended).await.unwrap();
        // What became an asset before stays one, as of any upload.
        let kept = library(&world, &ada).await.len();
        assert!(kept < 40);
        world.leave(&bob.who).await;
        eventually("nothing of either is left", async || {
            world
                .sql("UPDATE upload_entries SET position = position")
                .await
                == 0
                && world.sql("UPDATE uploads SET parts = parts").await == 0
                && world.sql("UPDATE assets SET bytes = bytes").await == kept as u64
        })
        .await;
        until_no_parts(&world).await;
        assert_refused(ada.get(&ended).await, Code::NotFound, "UPLOAD_NOT_FOUND");
        assert_refused(bob.get(&left).await, Code::NotFound, "UPLOAD_NOT_FOUND");
        until_commands_are_carried_out(&world).await;
        assert_eq!(library(&world, &ada).await.len(), kept);
        assert!(library(&world, &bob).await.is_empty());
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn the_room_of_a_workspace_holds_for_archives_too() {
    let settings = |table: &mut Table| {
        table.insert("workspace_uploads".to_owned(), 3.into());
    };
    on_both_with(settings, async |world| {
        let ada = Sender::new(&world);
        let mut files = album(5);
        // Not even looked at any more.
        files.push(File::stored("notes.txt", b"what a day"));
        let done = send(&ada, &zip(&files)).await;
        let archive = done.archive.unwrap();
        let reasons: Vec<&str> = outcomes(&archive).into_iter().map(|told| told.1).collect();
        let full = "STORAGE_LIMIT_REACHED";
        assert_eq!(reasons, ["", "", "", full, full, full]);
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn an_archive_is_read_from_either_object_store() {
    on_both_object_stores(async |world: World| {
        let ada = Sender::new(&world);
        // More than two parts of the usual length, a picture across them.
        let large = noise(1200, 900);
        assert!(large.len() > 3 * 1024 * 1024);
        let files = [
            File::stored("large.png", &large),
            File::deflated("small.png", &png(40, 30, 1)),
            File::stored("again.png", &noise(800, 700)),
        ];
        let done = send(&ada, &zip(&files)).await;
        let archive = done.archive.unwrap();
        assert_eq!((archive.succeeded, archive.failed), (3, 0), "{archive:?}");
        world.leave(&ada.who).await;
        eventually("nothing is left in the store", async || {
            world.keys().await.is_empty() && world.keys_in("uploads").await.is_empty()
        })
        .await;
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_copy_of_ones_data_tells_what_came_of_an_archive() {
    on_both(async |world| {
        let ada = Sender::new(&world);
        send(&ada, &zip(&album(2))).await;
        let files = crate::export::copy(&world, &ada.who).await;
        let text = String::from_utf8(files["uploads.jsonl"].clone()).unwrap();
        assert!(text.contains("\"name\":\"1.png\""), "{text}");
        world.harness.stop().await;
    })
    .await;
}
