use covergen_ids::AssetId;
use covergen_imaging::{Chroma, Encoding, encode};
use covergen_proto::media::v1::put_asset_request::Part;
use covergen_proto::media::v1::{GetAssetRequest, PutAssetRequest, ReadAssetRequest};
use tonic::Code;

use crate::world::{World, assert_refused, collect, header, on_both, picture, png, upload};

#[tokio::test]
async fn what_was_put_is_got_and_read_back() {
    on_both(async |world| {
        let owner = world.harness.creator();
        let content = png(1500, 900, 1);
        let put = world.put(&owner, &content).await;
        assert_eq!((put.width, put.height), (1500, 900));
        assert_eq!(put.bytes, i32::try_from(content.len()).unwrap());
        assert_eq!(put.content_type, "image/png");
        assert_eq!(put.sha256.len(), 64);
        assert!(put.dominant_color.len() == 7 && put.dominant_color.starts_with('#'));
        let widths: Vec<_> = put.variants.iter().map(|v| (v.width, v.height)).collect();
        assert_eq!(widths, [(320, 192), (640, 384), (1280, 768)]);

        let request = GetAssetRequest {
            asset_id: put.id.clone(),
        };
        let got = world.user(&owner).get_asset(request).await.unwrap();
        assert_eq!(got.into_inner(), put);

        let request = ReadAssetRequest {
            asset_id: put.id.clone(),
        };
        let read = world.cover(&owner).read_asset(request).await.unwrap();
        let (content_type, bytes) = collect(read.into_inner()).await.unwrap();
        assert_eq!((&*content_type, &*bytes), ("image/png", &*content));

        crate::world::eventually("the upload is told", async || {
            world.events().await == [("MediaUploaded".to_owned(), put.id.clone())]
        })
        .await;
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn an_asset_of_another_workspace_is_not_found() {
    on_both(async |world| {
        let (owner, stranger) = (world.harness.creator(), world.harness.creator());
        let put = world.put(&owner, &png(64, 64, 1)).await;
        let get = GetAssetRequest {
            asset_id: put.id.clone(),
        };
        let got = world.user(&stranger).get_asset(get.clone()).await;
        assert_refused(got, Code::NotFound, "ASSET_NOT_FOUND");
        let got = world.cover(&stranger).get_asset(get).await;
        assert_refused(got, Code::NotFound, "ASSET_NOT_FOUND");
        let read = ReadAssetRequest { asset_id: put.id };
        let read = world.cover(&stranger).read_asset(read).await;
        assert_refused(read, Code::NotFound, "ASSET_NOT_FOUND");

        // Nor does anybody store into one.
        let id = AssetId::new(world.harness.clock());
        let parts = upload(header(&owner, id, "image/png"), &png(64, 64, 1));
        let put = world
            .cover(&stranger)
            .put_asset(futures::stream::iter(parts))
            .await;
        assert_refused(put, Code::InvalidArgument, "INVALID_REQUEST");
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn the_same_id_with_the_same_content_is_the_same_asset() {
    on_both(async |world| {
        let owner = world.harness.creator();
        let id = AssetId::new(world.harness.clock());
        let content = png(64, 64, 1);
        let first = world
            .put_as(&owner, id, "image/png", &content)
            .await
            .unwrap();
        let again = world
            .put_as(&owner, id, "image/png", &content)
            .await
            .unwrap();
        assert_eq!(first, again);

        let other = world.put_as(&owner, id, "image/png", &png(64, 64, 2)).await;
        assert_refused(other, Code::AlreadyExists, "ASSET_ID_TAKEN");
        let stranger = world.harness.creator();
        let other = world.put_as(&stranger, id, "image/png", &content).await;
        assert_refused(other, Code::AlreadyExists, "ASSET_ID_TAKEN");
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn many_at_once_with_one_id_and_many_with_one_content_store_it_once() {
    on_both(async |world| {
        let owner = world.harness.creator();
        let id = AssetId::new(world.harness.clock());
        let content = png(64, 64, 1);
        let same = (0..6).map(|_| world.put_as(&owner, id, "image/png", &content));
        for asset in futures::future::join_all(same).await {
            assert_eq!(asset.unwrap().id, id.to_string());
        }
        let others = (0..6).map(|_| world.put(&owner, &content));
        futures::future::join_all(others).await;
        assert_eq!(world.objects("media").len(), 1);
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn content_that_lies_about_itself_is_refused_and_not_stored() {
    on_both(async |world| {
        refused(
            &world,
            "image/jpeg",
            &png(64, 64, 1),
            "CONTENT_TYPE_MISMATCH",
        )
        .await;
        refused(&world, "image/png", b"<svg onload='x'/>", "IMAGE_INVALID").await;
        refused(&world, "image/png", b"", "IMAGE_INVALID").await;
        // A header that promises 30,000 × 30,000 pixels, and nothing behind it.
        let mut bomb = png(64, 64, 1);
        bomb[16..24].copy_from_slice(&[0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30]);
        refused(&world, "image/png", &bomb, "IMAGE_TOO_LARGE").await;
        // A good header, and half of the pixels.
        let whole = png(200, 200, 1);
        refused(
            &world,
            "image/png",
            &whole[..whole.len() / 2],
            "IMAGE_INVALID",
        )
        .await;
        assert_eq!(world.objects("media"), Vec::<std::path::PathBuf>::new());
        world.harness.stop().await;
    })
    .await;
}

async fn refused(world: &World, content_type: &str, content: &[u8], reason: &str) {
    let owner = world.harness.creator();
    let id = AssetId::new(world.harness.clock());
    let answer = world.put_as(&owner, id, content_type, content).await;
    assert_refused(answer, Code::InvalidArgument, reason);
}

#[tokio::test]
async fn an_upload_is_a_header_and_then_chunks() {
    on_both(async |world| {
        let owner = world.harness.creator();
        let id = AssetId::new(world.harness.clock());
        let head = || header(&owner, id, "image/png");
        let parts = upload(head(), &png(64, 64, 1));
        for wrong in [
            parts[1..].to_vec(),
            vec![parts[0].clone(), parts[0].clone()],
            Vec::new(),
        ] {
            let answer = world
                .cover(&owner)
                .put_asset(futures::stream::iter(wrong))
                .await;
            assert_refused(answer, Code::InvalidArgument, "INVALID_REQUEST");
        }
        // The contract itself bounds a chunk.
        let long = PutAssetRequest {
            part: Some(Part::Chunk(vec![0; 1024 * 1024 + 1].into())),
        };
        let parts = vec![parts[0].clone(), long];
        let answer = world
            .cover(&owner)
            .put_asset(futures::stream::iter(parts))
            .await;
        assert_refused(answer, Code::InvalidArgument, "INVALID_REQUEST");
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn more_than_32_mib_is_refused() {
    on_both(async |world| {
        let owner = world.harness.creator();
        let id = AssetId::new(world.harness.clock());
        let content = vec![0; 32 * 1024 * 1024 + 1];
        let answer = world.put_as(&owner, id, "image/png", &content).await;
        assert_refused(answer, Code::InvalidArgument, "ASSET_TOO_LARGE");
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn every_format_is_taken() {
    on_both(async |world| {
        let owner = world.harness.creator();
        let jpeg = Encoding::Jpeg {
            quality: 80,
            chroma: Chroma::Half,
            progressive: false,
        };
        for (content_type, extension, encoding) in [
            ("image/png", "png", Encoding::PREVIEW),
            ("image/jpeg", "jpg", jpeg),
            ("image/webp", "webp", Encoding::WebP { quality: 80 }),
        ] {
            let content = encode(&picture(100, 50, 3), encoding).unwrap();
            let id = AssetId::new(world.harness.clock());
            let put = world
                .put_as(&owner, id, content_type, &content)
                .await
                .unwrap();
            assert_eq!((put.width, put.height), (100, 50), "{content_type}");
            assert!(
                put.url.ends_with(&format!("/o/{id}.{extension}")),
                "{}",
                put.url
            );
            let (served, bytes) = world.image(&put.url).await.unwrap();
            assert_eq!((&*served, &*bytes), (content_type, &*content));
        }
        world.harness.stop().await;
    })
    .await;
}
