use covergen_proto::export::v1::compression::Mode;
use covergen_proto::export::v1::export::Status as Wire;
use covergen_proto::export::v1::{
    DownloadRequest, ListPresetsRequest, PrepareBatchRequest, PrepareRequest,
};
use tonic::Code;
use tonic::metadata::MetadataMap;
use tonic_types::StatusExt as _;

use crate::world::{assert_refused, item, on_both, scene, size, wanted};

fn header<'a>(metadata: &'a MetadataMap, name: &str) -> &'a str {
    metadata
        .get(name)
        .map_or("", |value| value.to_str().unwrap())
}

fn part(id: &str, range: &str) -> DownloadRequest {
    DownloadRequest {
        export_id: id.to_owned(),
        range: range.to_owned(),
        ..DownloadRequest::default()
    }
}

#[tokio::test]
async fn any_part_of_a_file_or_an_archive_can_be_had() {
    on_both(async |world| {
        let owner = world.harness.creator();
        let cover = world.cover(&owner);
        let file = world
            .prepare(&owner, wanted(cover, 700, 700, "png"))
            .await
            .unwrap();
        let items = vec![item(cover, 600, 600, "png"), item(cover, 90, 90, "jpeg")];
        let request = PrepareBatchRequest {
            items,
            ..PrepareBatchRequest::default()
        };
        let archive = world.prepare_batch(&owner, request).await.unwrap();
        for id in [file, archive] {
            world.until(&owner, &id, Wire::Succeeded).await;
            let (headers, whole) = world.fetch(&owner, part(&id, "")).await.unwrap();
            let length = whole.len();
            assert_eq!(header(&headers, "http-content-length"), length.to_string());
            assert_eq!(header(&headers, "http-accept-ranges"), "bytes");
            assert_eq!(header(&headers, "http-content-range"), "");
            let tag = header(&headers, "http-etag").to_owned();
            assert_eq!(tag, format!("\"{id}\""));
            for (start, end) in [
                (0, 1),
                (10, 5000),
                (length / 2, length / 2 + 300),
                (length - 4, length),
            ] {
                let range = format!("bytes={start}-{}", end - 1);
                let (headers, bytes) = world.fetch(&owner, part(&id, &range)).await.unwrap();
                assert!(bytes == whole[start..end], "{range}");
                let told = format!("bytes {start}-{}/{length}", end - 1);
                assert_eq!(header(&headers, "http-content-range"), told);
                assert_eq!(
                    header(&headers, "http-content-length"),
                    (end - start).to_string()
                );
            }
            let changed = DownloadRequest {
                if_range: "another".to_owned(),
                ..part(&id, "bytes=0-0")
            };
            let (_, bytes) = world.fetch(&owner, changed).await.unwrap();
            assert!(bytes == whole);
            let same = DownloadRequest {
                if_range: id.clone(),
                ..part(&id, "bytes=0-0")
            };
            let (_, bytes) = world.fetch(&owner, same).await.unwrap();
            assert_eq!(bytes, whole[..1]);
            let past = world.fetch(&owner, part(&id, "bytes=999999999-")).await;
            let status = past.as_ref().unwrap_err().clone();
            let info = status.get_details_error_info().unwrap();
            assert_eq!(info.metadata["size"], length.to_string());
            assert_refused(past, Code::OutOfRange, "RANGE_NOT_SATISFIABLE");
        }
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_file_is_called_after_its_cover() {
    on_both(async |world| {
        let owner = world.harness.creator();
        let mut titled = scene(size(1280, 720), false);
        let mut text = serde_json::to_string(&titled).unwrap();
        text = text.replace("Deploy on Friday", "Été: \\\"Lyon\\\"");
        titled = serde_json::from_str(&text).unwrap();
        let cover = world.cover_of(&owner, &titled);
        let request = PrepareRequest {
            preset: "thumbnail".to_owned(),
            ..wanted(cover, 0, 0, "jpeg")
        };
        let (export, _) = world.file(&owner, request).await;
        assert_eq!(export.file_name, "Été- -Lyon-thumbnail.jpg");
        assert_eq!((export.quality, export.progress_percent), (85, 100));
        let (headers, _) = world
            .fetch(&owner, part(&export.export_id, ""))
            .await
            .unwrap();
        assert_eq!(
            header(&headers, "http-content-disposition"),
            "attachment; filename=\"_t_- -Lyon-thumbnail.jpg\"; \
             filename*=UTF-8''%C3%89t%C3%A9-%20-Lyon-thumbnail.jpg"
        );
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn small_files_and_bounds_are_kept_to() {
    on_both(async |world| {
        let owner = world.harness.creator();
        let cover = world.cover(&owner);
        let mut small = wanted(cover, 800, 450, "png");
        small.set_compression(Mode::Small);
        let (_, small) = world.file(&owner, small).await;
        let mut lossless = wanted(cover, 800, 450, "png");
        lossless.set_compression(Mode::Lossless);
        let (_, lossless) = world.file(&owner, lossless).await;
        assert!(small.len() <= lossless.len());
        let bound = i32::try_from(lossless.len() / 3).unwrap();
        let bounded = PrepareRequest {
            max_bytes: bound,
            ..wanted(cover, 800, 450, "png")
        };
        let (_, bounded) = world.file(&owner, bounded).await;
        assert!(bounded.len() <= lossless.len() / 3);
        let fitted = PrepareRequest {
            preset: "podcast".to_owned(),
            fit_preset: true,
            ..wanted(cover, 0, 0, "")
        };
        let (export, fitted) = world.file(&owner, fitted).await;
        assert_eq!((export.width, &*export.format), (3000, "jpeg"));
        assert!(fitted.len() <= 512 * 1024);
        assert!((1..=100).contains(&export.quality));
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn presets_tell_what_their_platforms_take() {
    on_both(async |world| {
        let owner = world.harness.creator();
        let listed = world.user(&owner).list_presets(ListPresetsRequest {}).await;
        let presets = listed.unwrap().into_inner().presets;
        assert_eq!(presets.len(), 15);
        let youtube = presets
            .iter()
            .find(|preset| preset.id == "youtube")
            .unwrap();
        assert_eq!((youtube.width, youtube.height), (1280, 720));
        assert_eq!(
            (&*youtube.platform, youtube.max_bytes),
            ("YouTube", 2_000_000)
        );
        assert_eq!(youtube.formats, ["jpeg", "png"]);
        world.harness.stop().await;
    })
    .await;
}
