use covergen_chassis::{Harness, Service};
use covergen_identity::Principal;
use covergen_ids::AssetId;
use covergen_imaging::{Encoding, Picture, encode};
use covergen_proto::media::v1::media_service_client;
use covergen_proto::media::v1::put_asset_request::Part;
use covergen_proto::media::v1::{PutAssetHeader, PutAssetRequest};
use covergen_proto::safety::v1::image_source::Source;
use covergen_proto::safety::v1::turn::Kind as Turn;
use covergen_proto::safety::v1::{
    BlockImageRequest, BlockedImage, CheckCompositeRequest, CheckImageRequest, ImageSource,
    ListBlockedImagesRequest, ListViolationsRequest, ScreenImageRequest, UnblockImageRequest,
    Verdict,
};
use tonic::{Code, Status};

use crate::stage::{assert_refused, cover, moderator, on_both_stores, on_both_stores_with, web};

/// Rings of light around some points: much to see, and nothing alike for
/// another seed.
fn picture(width: u32, height: u32, seed: u32) -> Picture {
    let pixel = |x: u32, y: u32| {
        let (left, top) = (x * 1000 / width, y * 1000 / height);
        let light: u32 = (1..6)
            .map(|k| {
                let (cx, cy) = ((k * 389 + seed * 577) % 1000, (k * 613 + seed * 331) % 1000);
                let far = left.abs_diff(cx).pow(2) + top.abs_diff(cy).pow(2);
                255_u32.saturating_sub(far / (90 * k + 60))
            })
            .sum();
        let light = u8::try_from(light.min(255)).unwrap();
        [light, light / 2, 255 - light, 255]
    };
    let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    let rgba = places.flat_map(|(x, y)| pixel(x, y)).collect();
    Picture::new(width, height, rgba).unwrap()
}

fn mirrored(picture: &Picture) -> Picture {
    let row = picture.width() as usize * 4;
    let rows = picture.rgba().chunks_exact(row);
    let rgba = rows.flat_map(|row| row.chunks_exact(4).rev().flatten().copied());
    Picture::new(picture.width(), picture.height(), rgba.collect()).unwrap()
}

fn png(picture: &Picture) -> Vec<u8> {
    encode(picture, Encoding::PREVIEW).unwrap()
}

fn inline(file: &[u8]) -> ImageSource {
    ImageSource {
        source: Some(Source::Data(file.to_vec().into())),
    }
}

fn asset(id: &str) -> ImageSource {
    ImageSource {
        source: Some(Source::AssetId(id.to_owned())),
    }
}

async fn check(harness: &Harness, who: &Principal, image: ImageSource) -> Result<Verdict, Status> {
    let request = CheckImageRequest {
        image: Some(image),
        regions: Vec::new(),
    };
    Ok(web(harness, who).check_image(request).await?.into_inner())
}

fn block(image: Option<ImageSource>, pdq: &str) -> BlockImageRequest {
    BlockImageRequest {
        image,
        pdq: pdq.to_owned(),
        category: "illegal_goods".to_owned(),
        description: "An advertisement for tea.".to_owned(),
        ..BlockImageRequest::default()
    }
}

async fn blocked(harness: &Harness, file: &[u8]) -> BlockedImage {
    let (_, mut client) = moderator(harness);
    let mut request = tonic::Request::new(block(Some(inline(file)), ""));
    // Hashing takes its time where nothing is optimised.
    request.set_timeout(std::time::Duration::from_secs(30));
    client.block_image(request).await.unwrap().into_inner()
}

#[tokio::test]
async fn a_blocked_picture_is_known_smaller_compressed_and_mirrored() {
    on_both_stores(async |harness| {
        let who = harness.creator();
        let original = picture(450, 300, 1);
        let before = check(harness, &who, inline(&png(&original))).await.unwrap();
        assert!(!before.flagged && before.images[0].quality >= 50);

        let blocked = blocked(harness, &png(&original)).await;
        assert_eq!((blocked.region.as_str(), blocked.score), ("*", 1.0));
        assert_eq!(blocked.pdq, before.images[0].pdq);
        let jpeg = Encoding::Jpeg {
            quality: 60,
            chroma: covergen_imaging::Chroma::Half,
            progressive: false,
        };
        for (file, turn) in [
            (png(&original), Turn::None),
            (png(&picture(225, 150, 1)), Turn::None),
            (encode(&original, jpeg).unwrap(), Turn::None),
            (png(&mirrored(&original)), Turn::FlipLeftRight),
        ] {
            let verdict = check(harness, &who, inline(&file)).await.unwrap();
            assert!(verdict.flagged, "{turn:?}");
            let found = &verdict.image_matches[0];
            assert_eq!(found.blocked_image_id, blocked.id);
            assert_eq!(found.turn(), turn);
            assert!(found.distance <= 31, "{found:?}");
            assert_eq!(verdict.scores["illegal_goods"], 1.0);
        }
        let other = png(&picture(450, 300, 7));
        assert!(!check(harness, &who, inline(&other)).await.unwrap().flagged);
    })
    .await;
}

#[tokio::test]
async fn a_hash_alone_blocks_and_can_be_unblocked() {
    on_both_stores(async |harness| {
        let who = harness.creator();
        let file = png(&picture(400, 400, 3));
        let pdq = check(harness, &who, inline(&file)).await.unwrap().images[0]
            .pdq
            .clone();
        let (author, mut client) = moderator(harness);
        let request = block(None, &pdq.to_uppercase());
        let blocked = client
            .block_image(request.clone())
            .await
            .unwrap()
            .into_inner();
        assert_eq!((&blocked.pdq, blocked.quality), (&pdq, 100));
        assert_eq!(blocked.author_id, author.user_id.to_string());
        assert!(check(harness, &who, inline(&file)).await.unwrap().flagged);
        let again = client.block_image(request).await;
        assert_refused(again, Code::AlreadyExists, "ALREADY_EXISTS");

        let request = UnblockImageRequest {
            blocked_image_id: blocked.id.clone(),
            request_id: String::new(),
        };
        for _ in 0..2 {
            client.unblock_image(request.clone()).await.unwrap();
        }
        assert!(!check(harness, &who, inline(&file)).await.unwrap().flagged);
        let listed = client
            .list_blocked_images(ListBlockedImagesRequest::default())
            .await;
        assert!(listed.unwrap().into_inner().blocked_images.is_empty());
        for neither in [block(None, ""), block(Some(inline(&file)), &pdq)] {
            let refused = client.block_image(neither).await;
            assert_refused(refused, Code::InvalidArgument, "INVALID_REQUEST");
        }
    })
    .await;
}

#[tokio::test]
async fn a_picture_with_nothing_in_it_matches_nothing_and_is_not_blocked() {
    on_both_stores(async |harness| {
        let who = harness.creator();
        let grey = png(&Picture::new(300, 300, vec![200; 300 * 300 * 4]).unwrap());
        let verdict = check(harness, &who, inline(&grey)).await.unwrap();
        assert_eq!(verdict.images[0].quality, 0);
        let (_, mut client) = moderator(harness);
        let refused = client.block_image(block(Some(inline(&grey)), "")).await;
        assert_refused(refused, Code::FailedPrecondition, "IMAGE_TOO_PLAIN");
        // Even its own hash does not hit it.
        let request = block(None, &verdict.images[0].pdq);
        client.block_image(request).await.unwrap();
        assert!(!check(harness, &who, inline(&grey)).await.unwrap().flagged);
    })
    .await;
}

#[tokio::test]
async fn what_is_no_picture_is_refused_by_field() {
    on_both_stores(async |harness| {
        let who = harness.creator();
        let whole = png(&picture(200, 200, 1));
        for file in [&b"GIF89a"[..], b"\x89PNG\r\n\x1a\n", &whole[..200]] {
            let refused = check(harness, &who, inline(file)).await;
            assert_refused(refused, Code::InvalidArgument, "IMAGE_INVALID");
        }
        let refused = check(harness, &who, ImageSource::default()).await;
        assert_refused(refused, Code::InvalidArgument, "INVALID_REQUEST");
    })
    .await;
}

fn with_media() -> Vec<Service> {
    vec![covergen_safety::service(), covergen_media::service()]
}

async fn put(harness: &Harness, owner: &Principal, file: Vec<u8>) -> String {
    let id = AssetId::new(harness.clock()).to_string();
    let header = PutAssetHeader {
        asset_id: id.clone(),
        workspace_id: owner.workspace_id.to_string(),
        user_id: owner.user_id.to_string(),
        content_type: "image/png".to_owned(),
        file_name: "picture.png".to_owned(),
    };
    let parts = [Part::Header(header), Part::Chunk(file.into())];
    let parts = parts.map(|part| PutAssetRequest { part: Some(part) });
    let mut media = media_service_client(harness.as_service("cover", Some(owner), "media"));
    media.put_asset(futures::stream::iter(parts)).await.unwrap();
    id
}

#[tokio::test]
async fn an_asset_is_looked_at_in_its_own_workspace_only() {
    on_both_stores_with(with_media, async |harness| {
        let (owner, other) = (harness.creator(), harness.creator());
        let file = png(&picture(500, 300, 2));
        blocked(harness, &file).await;
        let id = put(harness, &owner, file.clone()).await;
        assert!(check(harness, &owner, asset(&id)).await.unwrap().flagged);
        let foreign = check(harness, &other, asset(&id)).await;
        assert_refused(foreign, Code::NotFound, "NOT_FOUND");

        let request = CheckCompositeRequest {
            texts: vec!["My holiday".to_owned(), "buy cocaine".to_owned()],
            images: vec![inline(&png(&picture(300, 300, 9))), asset(&id)],
            regions: vec!["DE".to_owned()],
        };
        let mut client = web(harness, &owner);
        let verdict = client.check_composite(request).await.unwrap().into_inner();
        assert_eq!(verdict.matches[0].text_index, 1);
        assert_eq!(verdict.image_matches[0].image_index, 1);
        assert_eq!(verdict.images.len(), 2);
        let nothing = client
            .check_composite(CheckCompositeRequest::default())
            .await;
        assert_refused(nothing, Code::InvalidArgument, "INVALID_REQUEST");
    })
    .await;
}

#[tokio::test]
async fn a_screened_picture_is_logged_once() {
    on_both_stores_with(with_media, async |harness| {
        let owner = harness.creator();
        let file = png(&picture(500, 300, 4));
        let blocked = blocked(harness, &file).await;
        let id = put(harness, &owner, file).await;
        for _ in 0..2 {
            let request = ScreenImageRequest {
                asset_id: id.clone(),
                subject: "tsk_one".to_owned(),
            };
            let screened = cover(harness, &owner).screen_image(request).await;
            assert!(screened.unwrap().into_inner().flagged);
        }
        let request = ListViolationsRequest::default();
        let listed = web(harness, &owner).list_violations(request).await;
        let listed = listed.unwrap().into_inner().violations;
        assert_eq!(listed.len(), 1);
        assert!(listed[0].is_image);
        assert_eq!(listed[0].rule_id, blocked.id);
        assert_eq!(listed[0].description, "An advertisement for tea.");
    })
    .await;
}
