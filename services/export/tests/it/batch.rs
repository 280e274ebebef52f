use std::path::Path;
use std::process::Command;

use covergen_imaging::{FileFormat, probe};
use covergen_proto::export::v1::export::{Kind, Status as Wire};
use covergen_proto::export::v1::{BatchItem, PrepareBatchRequest};
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::world::{assert_refused, eventually, item, on_both, on_both_with};

const ALL: &[&str] = &["export", "media", "task"];

fn batch(items: Vec<BatchItem>) -> PrepareBatchRequest {
    PrepareBatchRequest {
        items,
        ..PrepareBatchRequest::default()
    }
}

/// Unpacks an archive with Python's reader; names and contents, in order.
fn unpack(archive: &[u8]) -> Vec<(String, Vec<u8>)> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.zip");
    std::fs::write(&path, archive).unwrap();
    let script = "import sys, zipfile\n\
        with zipfile.ZipFile(sys.argv[1]) as z:\n\
        \x20   assert z.testzip() is None\n\
        \x20   z.extractall(sys.argv[2])\n\
        \x20   print('\\n'.join(z.namelist()))\n";
    let target = folder.path().join("out");
    let mut python = Command::new("python3");
    python.args(["-c", script]).arg(&path).arg(&target);
    let output = python.env("PYTHONIOENCODING", "utf-8").output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    let names = String::from_utf8(output.stdout).unwrap();
    let read = |name: &str| std::fs::read(Path::new(&target).join(name)).unwrap();
    names
        .lines()
        .map(|name| (name.to_owned(), read(name)))
        .collect()
}

#[tokio::test]
async fn many_files_come_in_one_archive_that_others_read() {
    on_both(async |world| {
        let owner = world.harness.creator();
        let (one, other) = (world.cover(&owner), world.cover(&owner));
        let items = vec![
            item(one, 320, 180, "png"),
            BatchItem {
                preset: "thumbnail".to_owned(),
                ..item(other, 0, 0, "jpeg")
            },
            BatchItem {
                name: "夏 / summer".to_owned(),
                ..item(one, 200, 200, "webp")
            },
            item(other, 320, 180, "png"),
        ];
        let request = PrepareBatchRequest {
            name: "My covers".to_owned(),
            ..batch(items)
        };
        let id = world.prepare_batch(&owner, request).await.unwrap();
        let export = world.until(&owner, &id, Wire::Succeeded).await;
        assert_eq!(world.known.designs_asked(), 2, "each cover's once");
        assert_eq!((export.kind(), &*export.format), (Kind::Archive, "zip"));
        assert_eq!((export.progress_percent, &*export.cover_id), (100, ""));
        assert_eq!(export.file_name, "My covers.zip");
        assert!(export.download_url.ends_with("/download"));
        let names: Vec<&str> = export.files.iter().map(|file| &*file.name).collect();
        assert_eq!(
            names,
            [
                "Deploy on Friday-320x180.png",
                "Deploy on Friday-thumbnail.jpg",
                "夏 - summer.webp",
                "Deploy on Friday-320x180 (2).png",
            ]
        );
        let (content_type, archive) = world.download(&owner, &id).await.unwrap();
        assert_eq!(content_type, "application/zip");
        assert_eq!(export.total_bytes, i64::try_from(archive.len()).unwrap());
        let files = unpack(&archive);
        assert_eq!(files.len(), 4);
        let kinds = [
            FileFormat::Png,
            FileFormat::Jpeg,
            FileFormat::WebP,
            FileFormat::Png,
        ];
        for (((name, bytes), told), kind) in files.iter().zip(&export.files).zip(kinds) {
            assert_eq!(*name, told.name);
            assert_eq!(told.status(), Wire::Succeeded);
            assert_eq!(i32::try_from(bytes.len()).unwrap(), told.bytes);
            let found = probe(bytes).unwrap();
            assert_eq!(found.format, kind);
            let side = |px: u32| i32::try_from(px).unwrap();
            assert_eq!(
                (side(found.width), side(found.height)),
                (told.width, told.height)
            );
        }
        // Bytes are the same each time.
        let (_, again) = world.download(&owner, &id).await.unwrap();
        assert!(archive == again);
        world.until_told(&id, "SUCCEEDED").await;
        let stranger = world.harness.creator();
        let refused = world.download(&stranger, &id).await;
        assert_refused(refused, Code::NotFound, "EXPORT_NOT_FOUND");
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_file_that_cannot_be_made_is_left_out_and_told() {
    on_both(async |world| {
        let owner = world.harness.creator();
        let cover = world.cover(&owner);
        let bounded = BatchItem {
            max_bytes: 4096,
            ..item(cover, 1500, 1500, "jpeg")
        };
        let items = vec![bounded.clone(), item(cover, 100, 100, "png")];
        let id = world.prepare_batch(&owner, batch(items)).await.unwrap();
        let export = world.until(&owner, &id, Wire::Succeeded).await;
        assert_eq!(export.files[0].status(), Wire::Failed);
        let error = export.files[0].error.clone().unwrap();
        assert_eq!(error.reason, "MAX_BYTES_UNREACHABLE");
        let (_, archive) = world.download(&owner, &id).await.unwrap();
        let files = unpack(&archive);
        assert_eq!(files.len(), 1);
        assert_eq!(files[0].0, export.files[1].name);

        let id = world
            .prepare_batch(&owner, batch(vec![bounded]))
            .await
            .unwrap();
        let export = world.until(&owner, &id, Wire::Failed).await;
        assert_eq!(export.error.unwrap().reason, "NO_FILE_MADE");
        world.until_told(&id, "FAILED").await;
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn everything_wrong_with_a_batch_is_told_at_once() {
    on_both(async |world| {
        let owner = world.harness.creator();
        let cover = world.cover(&owner);
        let items = vec![
            item(cover, 100, 100, "png"),
            BatchItem {
                preset: "tiktok".to_owned(),
                ..item(cover, 0, 0, "png")
            },
            BatchItem {
                cover_id: "cov_1".to_owned(),
                ..item(cover, 100, 0, "png")
            },
        ];
        let status = world.prepare_batch(&owner, batch(items)).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
        let faults = status.get_details_bad_request().unwrap().field_violations;
        let fields: Vec<&str> = faults.iter().map(|fault| &*fault.field).collect();
        assert_eq!(
            fields,
            ["items[1].preset", "items[2].coverId", "items[2].height"]
        );
        let none = world.prepare_batch(&owner, batch(Vec::new())).await;
        assert_eq!(none.unwrap_err().code(), Code::InvalidArgument);
        let many = vec![item(cover, 100, 100, "png"); 501];
        let many = world.prepare_batch(&owner, batch(many)).await;
        assert_eq!(many.unwrap_err().code(), Code::InvalidArgument);

        let stranger = world.harness.creator();
        let theirs = world.cover(&stranger);
        let items = vec![item(cover, 100, 100, "png"), item(theirs, 100, 100, "png")];
        let foreign = world.prepare_batch(&owner, batch(items)).await;
        assert_eq!(foreign.unwrap_err().code(), Code::NotFound);
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_repeated_key_answers_with_the_first_archive() {
    on_both(async |world| {
        let owner = world.harness.creator();
        let cover = world.cover(&owner);
        let request = PrepareBatchRequest {
            request_id: "once".to_owned(),
            ..batch(vec![item(cover, 100, 100, "png")])
        };
        let first = world.prepare_batch(&owner, request.clone()).await.unwrap();
        let again = world.prepare_batch(&owner, request.clone()).await.unwrap();
        assert_eq!(first, again);
        let other = PrepareBatchRequest {
            name: "other".to_owned(),
            ..request
        };
        let refused = world.prepare_batch(&owner, other).await;
        assert_refused(refused, Code::InvalidArgument, "IDEMPOTENCY_KEY_REUSED");
        world.until(&owner, &first, Wire::Succeeded).await;
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn an_archive_goes_on_after_a_restart_where_it_was() {
    on_both_with(ALL, async |world| {
        let owner = world.harness.creator();
        let cover = world.cover(&owner);
        let items: Vec<BatchItem> = (0..12)
            .map(|at| item(cover, 500 + at, 500, "webp"))
            .collect();
        let id = world.prepare_batch(&owner, batch(items)).await.unwrap();
        eventually("a file is made", async || {
            let export = world.status(&owner, &id).await.unwrap();
            export.progress_percent > 0
        })
        .await;
        let before = world.objects();
        let world = world.restart(ALL).await;
        let export = world.until(&owner, &id, Wire::Succeeded).await;
        assert!(
            export
                .files
                .iter()
                .all(|file| file.status() == Wire::Succeeded)
        );
        let (_, archive) = world.download(&owner, &id).await.unwrap();
        assert_eq!(unpack(&archive).len(), 12);
        let after = world.objects();
        assert_eq!(after.len(), 12);
        assert!(
            before.iter().all(|file| after.contains(file)),
            "nothing was made twice"
        );
        world.until_told(&id, "SUCCEEDED").await;
        world.harness.stop().await;
    })
    .await;
}
