use covergen_imaging::{FileFormat, Limits, decode, probe};
use covergen_proto::export::v1::{ListPresetsRequest, PrepareRequest};
use covergen_proto::media::v1::GetImageRequest;
use covergen_render::{Fonts, Renderer, Size};

use crate::world::{on_both, scene, size, wanted};

/// What the renderer makes of the cover at a size.
fn rendered(size: Size, watermark: bool) -> Vec<u8> {
    let renderer = Renderer::new(Fonts::new(""));
    renderer
        .render(&scene(size, watermark))
        .unwrap()
        .picture
        .rgba
}

#[tokio::test]
async fn a_cover_is_laid_out_anew_for_the_size_asked_for() {
    on_both(async |world| {
        world.known.everybody_pays();
        let owner = world.harness.creator();
        let cover = world.cover(&owner);
        let (export, file) = world.file(&owner, wanted(cover, 400, 600, "")).await;
        assert_eq!(
            (export.width, export.height, &*export.format),
            (400, 600, "png")
        );
        assert_eq!(export.cover_id, cover.to_string());
        let picture = decode(&file, &Limits::default()).unwrap();
        // Pixel for pixel what a render of that size gives: neither cropped
        // nor scaled from the cover's own 1280 × 720.
        assert!(picture.rgba() == rendered(size(400, 600), false));
        world.until_told(&export.export_id, "SUCCEEDED").await;
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn the_free_tier_bears_the_mark_once_and_a_paid_one_never() {
    on_both(async |world| {
        let owner = world.harness.creator();
        let marked = world.cover_of(&owner, &scene(size(1280, 720), true));
        let plain = world.cover(&owner);
        for cover in [marked, plain] {
            let (_, file) = world.file(&owner, wanted(cover, 480, 270, "png")).await;
            let picture = decode(&file, &Limits::default()).unwrap();
            assert!(picture.rgba() == rendered(size(480, 270), true));
        }
        world.known.everybody_pays();
        let (_, file) = world.file(&owner, wanted(marked, 480, 270, "png")).await;
        let picture = decode(&file, &Limits::default()).unwrap();
        assert!(picture.rgba() == rendered(size(480, 270), false));
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn presets_and_formats_give_files_of_their_kind() {
    on_both(async |world| {
        let owner = world.harness.creator();
        let cover = world.cover(&owner);
        for (preset, format, kind, width, height) in [
            ("thumbnail", "jpeg", FileFormat::Jpeg, 320, 180),
            ("wechat", "webp", FileFormat::WebP, 900, 383),
        ] {
            let request = PrepareRequest {
                preset: preset.to_owned(),
                ..wanted(cover, 0, 0, format)
            };
            let (export, file) = world.file(&owner, request).await;
            let found = probe(&file).unwrap();
            assert_eq!(
                (found.format, found.width, found.height),
                (kind, width, height)
            );
            assert_eq!(export.format, format);

            // The address it answers with works for anybody.
            let parts: Vec<&str> = export.download_url.split('/').collect();
            let request = GetImageRequest {
                signature: parts[2].to_owned(),
                ops: parts[3].to_owned(),
                file: parts[4].to_owned(),
            };
            let channel = world.harness.as_anonymous("media");
            let mut media = covergen_proto::media::v1::media_service_client(channel);
            let mut image = media.get_image(request).await.unwrap().into_inner();
            let first = image.message().await.unwrap().unwrap();
            assert_eq!(first.data, file[..first.data.len()]);
        }
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_bounded_file_has_the_best_quality_that_fits() {
    on_both(async |world| {
        let owner = world.harness.creator();
        let cover = world.cover(&owner);
        for format in ["jpeg", "webp"] {
            let at = |quality, max_bytes| PrepareRequest {
                quality,
                max_bytes,
                ..wanted(cover, 640, 360, format)
            };
            let (good, _) = world.file(&owner, at(90, 0)).await;
            let (poor, _) = world.file(&owner, at(20, 0)).await;
            assert!(poor.bytes < good.bytes, "{format}");
            let limit = i32::midpoint(poor.bytes, good.bytes);
            let (bounded, _) = world.file(&owner, at(0, limit)).await;
            assert!(
                bounded.bytes <= limit && bounded.bytes > poor.bytes,
                "{format}"
            );
        }
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn the_presets_are_the_renderers() {
    on_both(async |world| {
        let channel = world.harness.as_anonymous("export");
        let mut client = covergen_proto::export::v1::export_service_client(channel);
        let listed = client.list_presets(ListPresetsRequest {}).await.unwrap();
        let presets = listed.into_inner().presets;
        assert_eq!(presets.len(), covergen_render::Preset::ALL.len());
        let youtube = &presets[0];
        assert_eq!(
            (&*youtube.id, youtube.width, youtube.height),
            ("youtube", 1280, 720)
        );
        world.harness.stop().await;
    })
    .await;
}
