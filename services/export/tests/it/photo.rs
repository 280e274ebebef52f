use covergen_imaging::{Limits, Picture, decode};
use covergen_proto::export::v1::export::Status as Wire;
use covergen_render::{Brief, Catalog, Fonts, Photo, PictureRef, Renderer, Scene, Size};

use crate::world::{on_both, size, wanted};

fn photo() -> Picture {
    let pixels = (0..240_u32 * 160).flat_map(|at| {
        let (x, y) = (at % 240, at / 240);
        [(x % 256) as u8, (y % 256) as u8, ((x * y) % 256) as u8, 255]
    });
    Picture::new(240, 160, pixels.collect()).unwrap()
}

/// A cover with a photo and a logo, named as cover names them.
fn with_photo(size: Size, photo: &str, logo: &str) -> Scene {
    let brief = Brief {
        photo: Some(Photo {
            focal_x: 0.2,
            ..Photo::new(photo)
        }),
        logo: Some(logo.to_owned()),
        kicker: Some("Issue 7".to_owned()),
        colors: Some(vec!["#101820".parse().unwrap(), "#f2aa4c".parse().unwrap()]),
        seed: 3,
        ..Brief::new("Deploy on Friday", size)
    };
    Catalog::builtin()
        .get("aurora", None)
        .unwrap()
        .scene(&brief)
        .unwrap()
}

#[tokio::test]
async fn a_cover_with_a_photo_is_drawn_again_with_it() {
    on_both(async |world| {
        world.known.everybody_pays();
        let owner = world.harness.creator();
        let photo = photo();
        let asset = world.picture(&owner, &photo).await;
        let name = asset.to_string();
        let stored = with_photo(size(1280, 720), &name, &name);
        let cover = world.cover_with(&owner, &stored, &[(&name, asset)]);
        let (_, file) = world.file(&owner, wanted(cover, 400, 500, "png")).await;
        let expected = Renderer::new(Fonts::new(""))
            .render_with(
                &with_photo(size(400, 500), &name, &name),
                &[(
                    name.as_str(),
                    PictureRef {
                        width: photo.width(),
                        height: photo.height(),
                        rgba: photo.rgba(),
                    },
                )]
                .into_iter()
                .collect(),
            )
            .unwrap();
        let found = decode(&file, &Limits::default()).unwrap();
        assert!(found.rgba() == expected.picture.rgba);
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_photo_that_is_gone_fails_the_export_and_says_so() {
    on_both(async |world| {
        let owner = world.harness.creator();
        let nowhere = covergen_ids::AssetId::new(world.harness.clock());
        let name = nowhere.to_string();
        let stored = with_photo(size(1280, 720), &name, &name);
        let cover = world.cover_with(&owner, &stored, &[(&name, nowhere)]);
        let id = world
            .prepare(&owner, wanted(cover, 320, 180, "png"))
            .await
            .unwrap();
        let export = world.until(&owner, &id, Wire::Failed).await;
        let error = export.error.unwrap();
        assert_eq!(error.reason, "DESIGN_NOT_EXPORTABLE");
        assert!(error.message.contains("deleted"), "{}", error.message);
        world.harness.stop().await;
    })
    .await;
}
