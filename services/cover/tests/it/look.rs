//! Colours, typefaces, lines above the title, and photos.

use covergen_identity::Principal;
use covergen_proto::cover::v1::photo::Treatment;
use covergen_proto::cover::v1::{GetDesignRequest, Photo, PreviewRequest, Size};
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::world::{World, order};

fn preview(photo: Option<Photo>) -> PreviewRequest {
    PreviewRequest {
        title: "Look".to_owned(),
        template_id: "swiss".to_owned(),
        seed: Some(3),
        sizes: vec![Size {
            preset: "thumbnail".to_owned(),
            width: 0,
            height: 0,
        }],
        photo,
        ..PreviewRequest::default()
    }
}

fn photo(asset: &str, treatment: Treatment) -> Photo {
    Photo {
        asset_id: asset.to_owned(),
        focal_x: Some(0.25),
        focal_y: None,
        treatment: treatment.into(),
    }
}

async fn drawn(world: &World, who: &Principal, request: PreviewRequest) -> Vec<u8> {
    let image = world.covers(who).preview(request).await.unwrap();
    image.into_inner().data.to_vec()
}

/// The mean of red and of blue over a picture.
fn red_and_blue(file: &[u8]) -> (u64, u64) {
    let picture = covergen_imaging::decode(file, &covergen_imaging::Limits::default()).unwrap();
    let pixels = picture.rgba().as_chunks::<4>().0;
    let sum = |at: usize| pixels.iter().map(|pixel| u64::from(pixel[at])).sum::<u64>();
    let count = pixels.len() as u64;
    (sum(0) / count, sum(2) / count)
}

#[tokio::test]
async fn a_preview_shows_the_colours_the_typeface_and_the_photo_it_is_asked_for() {
    let world = World::on_sqlite().await;
    let ada = world.register("ada").await;
    let plain = drawn(&world, &ada, preview(None)).await;
    assert_eq!(plain, drawn(&world, &ada, preview(None)).await);

    let mut colours = preview(None);
    colours.colors = vec!["#C01010".to_owned(), "#FFFFFF".to_owned()];
    let (red, blue) = red_and_blue(&drawn(&world, &ada, colours).await);
    assert!(red > blue + 40, "{red} {blue}");

    for change in [
        |request: &mut PreviewRequest| request.font = "anton".to_owned(),
        |request: &mut PreviewRequest| request.kicker = "Chapter one".to_owned(),
    ] {
        let mut request = preview(None);
        change(&mut request);
        assert_ne!(plain, drawn(&world, &ada, request).await);
    }

    let blue_photo = world
        .photo(&ada, |x, y| [(x / 16) as u8, (y / 16) as u8, 230])
        .await;
    let natural = preview(Some(photo(&blue_photo, Treatment::Natural)));
    let natural = drawn(&world, &ada, natural).await;
    let (red, blue) = red_and_blue(&natural);
    assert!(blue > red + 20, "the photo is seen: {red} {blue}");
    let duotone = preview(Some(photo(&blue_photo, Treatment::Duotone)));
    assert_ne!(natural, drawn(&world, &ada, duotone).await);
}

async fn a_cover_with_a_photo_keeps_what_it_needs_to_be_set_again(world: World) {
    let ada = world.register("ada").await;
    let asset = world.photo(&ada, |x, _| [(x / 3) as u8, 120, 90]).await;
    let mut request = order("With a photo");
    request.template_id = "swiss".to_owned();
    request.photo = Some(photo(&asset, Treatment::Natural));
    request.kicker = "Field notes".to_owned();
    let cover = world.cover(&ada, request).await;
    let kept = cover.photo.as_ref().unwrap();
    assert_eq!(
        (kept.asset_id.as_str(), kept.focal_x),
        (asset.as_str(), Some(0.25))
    );
    assert_eq!(cover.kicker, "Field notes");

    let channel = world.harness.as_service("export", Some(&ada), "cover");
    let mut covers = covergen_proto::cover::v1::cover_service_client(channel);
    let design = covers
        .get_design(GetDesignRequest { cover_id: cover.id })
        .await
        .unwrap()
        .into_inner();
    assert_eq!(design.pictures.len(), 1);
    assert_eq!(design.pictures[0].asset_id, asset);
    assert!(design.document.contains(&design.pictures[0].name));
}

#[tokio::test]
async fn a_cover_with_a_photo_keeps_what_it_needs_to_be_set_again_on_sqlite() {
    a_cover_with_a_photo_keeps_what_it_needs_to_be_set_again(World::on_sqlite().await).await;
}

#[tokio::test]
async fn a_cover_with_a_photo_keeps_what_it_needs_to_be_set_again_on_postgres() {
    a_cover_with_a_photo_keeps_what_it_needs_to_be_set_again(World::on_postgres().await).await;
}

#[tokio::test]
async fn somebody_elses_photo_does_not_exist() {
    let world = World::on_sqlite().await;
    let (ada, eve) = (world.register("ada").await, world.register("eve").await);
    let asset = world.photo(&ada, |_, _| [1, 2, 3]).await;
    let mine = preview(Some(photo(&asset, Treatment::Natural)));
    // Once read for its owner, it is in memory, and still nobody else's.
    drawn(&world, &ada, mine.clone()).await;
    let refused = world.covers(&eve).preview(mine).await.unwrap_err();
    assert_eq!(refused.code(), Code::NotFound, "{refused:?}");
    let mut request = order("Not mine");
    request.photo = Some(photo(&asset, Treatment::Natural));
    let refused = world.covers(&eve).generate(request).await.unwrap_err();
    assert_eq!(refused.code(), Code::NotFound, "{refused:?}");
    assert_eq!(world.quota(&eve).await, (0, 0));
}

#[tokio::test]
async fn choices_that_cannot_be_are_all_named() {
    let world = World::on_sqlite().await;
    let ada = world.register("ada").await;
    let mut request = order("Fine");
    request.colors = vec!["#123456".to_owned()];
    request.font = "wingdings".to_owned();
    request.kicker = "k".repeat(60);
    let refused = world.covers(&ada).generate(request).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    let found = refused.get_details_bad_request().unwrap().field_violations;
    let fields: Vec<&str> = found.iter().map(|found| found.field.as_str()).collect();
    assert_eq!(fields, ["colors", "font", "kicker"]);
}
