use covergen_identity::Principal;
use covergen_ids::AssetId;
use covergen_imaging::{FileFormat, probe};
use covergen_proto::media::v1::{SizeImagesRequest, SizedImage};
use tonic::{Code, Status};

use crate::world::{World, eventually, on_both, png};

async fn sized(
    world: &World,
    who: &Principal,
    request: SizeImagesRequest,
) -> Result<Vec<SizedImage>, Status> {
    let answer = world.user(who).size_images(request).await?;
    Ok(answer.into_inner().images)
}

fn asked(ids: &[&str], width_px: i32) -> SizeImagesRequest {
    SizeImagesRequest {
        asset_ids: ids.iter().map(|id| (*id).to_owned()).collect(),
        width_px,
        pixel_ratio: 1.0,
        columns: 0,
    }
}

#[tokio::test]
async fn pictures_come_in_the_width_of_the_screen_in_the_order_asked_for() {
    on_both(async |world| {
        let (who, other) = (world.harness.creator(), world.harness.creator());
        let wide = world.put(&who, &png(700, 300, 1)).await;
        let small = world.put(&who, &png(100, 50, 2)).await;
        let foreign = world.put(&other, &png(64, 64, 3)).await;
        let gone = AssetId::new(world.harness.clock()).to_string();
        let ids = [&*small.id, &gone, &foreign.id, &wide.id, &small.id];
        let images = sized(&world, &who, asked(&ids, 300)).await.unwrap();
        let told: Vec<_> = images
            .iter()
            .map(|image| (&*image.asset_id, image.width, image.height))
            .collect();
        // What is not in the workspace has no picture, repetitions have one.
        assert_eq!(told, [(&*small.id, 100, 50), (&*wide.id, 320, 137)]);
        for image in &images {
            let (content_type, bytes) = world.image(&image.url).await.unwrap();
            assert_eq!(content_type, "image/webp");
            let found = probe(&bytes).unwrap();
            assert_eq!(found.format, FileFormat::WebP);
            let size = signed((found.width, found.height));
            assert_eq!(size, (image.width, image.height));
            assert!(image.dominant_color.starts_with('#'), "{image:?}");
        }
        // The variant that the asset's own answer offers is the same picture.
        assert_eq!(images[1].url, wide.variants[0].url);
        world.harness.stop().await;
    })
    .await;
}

fn signed((width, height): (u32, u32)) -> (i32, i32) {
    (width.try_into().unwrap(), height.try_into().unwrap())
}

#[tokio::test]
async fn devices_of_like_size_share_addresses() {
    on_both(async |world| {
        let who = world.harness.creator();
        let asset = world.put(&who, &png(700, 300, 1)).await;
        let mut addresses = std::collections::BTreeSet::new();
        for width in [321, 360, 390, 414, 480] {
            let images = sized(&world, &who, asked(&[&asset.id], width)).await;
            addresses.insert(images.unwrap().remove(0).url);
        }
        assert_eq!(addresses.len(), 1, "{addresses:?}");
        // Past its own width a picture has one address.
        for width in [700, 1200, 4096] {
            let images = sized(&world, &who, asked(&[&asset.id], width)).await;
            addresses.insert(images.unwrap().remove(0).url);
        }
        assert_eq!(addresses.len(), 2, "{addresses:?}");
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn bounds_and_ids_are_checked() {
    on_both(async |world| {
        let who = world.harness.creator();
        assert_eq!(sized(&world, &who, asked(&[], 0)).await.unwrap(), []);
        let many = vec![&*who.user_id.to_string(); 201].join(" ");
        let many: Vec<&str> = many.split(' ').collect();
        for request in [
            asked(&many, 0),
            asked(&["not an id"], 0),
            asked(&[""], 0),
            asked(&[], -1),
            asked(&[], 4097),
            SizeImagesRequest {
                pixel_ratio: f32::NAN,
                ..asked(&[], 0)
            },
            SizeImagesRequest {
                columns: 9,
                ..asked(&[], 0)
            },
        ] {
            let refused = sized(&world, &who, request.clone()).await.unwrap_err();
            assert_eq!(refused.code(), Code::InvalidArgument, "{request:?}");
        }
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_deleted_picture_is_forgotten_under_every_address_it_had() {
    use covergen_proto::media::v1::{DeleteAssetRequest, MediaDeleted};
    on_both(async |world| {
        let who = world.harness.creator();
        let asset = world.upload_named(&who, "a.png", &png(700, 300, 1)).await;
        let images = sized(&world, &who, asked(&[&asset.id], 480)).await.unwrap();
        let delete = DeleteAssetRequest {
            asset_id: asset.id.clone(),
            request_id: String::new(),
        };
        world.user(&who).delete_asset(delete).await.unwrap();
        assert_eq!(
            sized(&world, &who, asked(&[&asset.id], 480)).await.unwrap(),
            []
        );
        eventually("caches are told what to forget", async || {
            let told = world.told::<MediaDeleted>().await;
            told.len() == 1 && told[0].purge_urls.contains(&images[0].url)
        })
        .await;
        world.harness.stop().await;
    })
    .await;
}
