use covergen_identity::Principal;
use covergen_imaging::{Chroma, Encoding, FileFormat, Limits, Picture, decode, encode, probe};
use covergen_proto::media::v1::asset::Kind;
use covergen_proto::media::v1::upload_asset_request::Part;
use covergen_proto::media::v1::{Asset, MediaProcessed, MediaUploaded, UploadAssetHeader};
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::world::{
    World, assert_refused, eventually, named, on_both, person_upload, picture, png,
};

/// A TIFF block with orientation 6, a camera and a place, written by Pillow.
const EXIF: &[u8] = include_bytes!("../../../../crates/imaging/tests/fixtures/phone.exif");
const CMYK: &[u8] = include_bytes!("../../../../crates/imaging/tests/fixtures/cmyk_icc.jpg");
const GIF: &[u8] = include_bytes!("../../../../crates/imaging/tests/fixtures/animated.gif");
const ANIMATED_WEBP: &[u8] =
    include_bytes!("../../../../crates/imaging/tests/fixtures/animated.webp");

/// What a phone held on its side makes: red at the top left as stored, blue
/// below it, the right half green.
pub(crate) fn phone_photo(width: u32, height: u32) -> Vec<u8> {
    let rgba = (0..width * height)
        .flat_map(
            |at| match (at % width < width / 2, at / width < height / 2) {
                (true, true) => [220, 30, 40, 255],
                (true, false) => [40, 60, 210, 255],
                (false, _) => [30, 180, 60, 255],
            },
        )
        .collect();
    let picture = Picture::new(width, height, rgba).unwrap();
    let encoding = Encoding::Jpeg {
        quality: 90,
        chroma: Chroma::Half,
        progressive: false,
    };
    let plain = encode(&picture, encoding).unwrap();
    let length = (EXIF.len() as u16 + 2).to_be_bytes();
    [&plain[..2], &[0xFF, 0xE1], &length, EXIF, &plain[2..]].concat()
}

async fn stored(world: &World, asset: &Asset) -> (Vec<u8>, Picture) {
    let (content_type, bytes) = world.image(&asset.url).await.unwrap();
    assert_eq!(content_type, asset.content_type);
    let limits = Limits {
        max_bytes: 32 * 1024 * 1024,
        ..Limits::default()
    };
    let picture = decode(&bytes, &limits).unwrap();
    (bytes.to_vec(), picture)
}

#[track_caller]
fn assert_near(picture: &Picture, x: u32, y: u32, wanted: [u8; 3], by: u8) {
    let at = ((y * picture.width() + x) * 4) as usize;
    let found = &picture.rgba()[at..at + 3];
    let near = found.iter().zip(wanted).all(|(a, b)| a.abs_diff(b) <= by);
    assert!(near, "{found:?} is not {wanted:?} within {by}");
}

fn holds(bytes: &[u8], text: &[u8]) -> bool {
    bytes.windows(text.len()).any(|window| window == text)
}

#[tokio::test]
async fn a_twelve_megapixel_photo_stands_upright_and_tells_no_place() {
    on_both(async |world| {
        let who = world.harness.creator();
        let file = phone_photo(4000, 3000);
        let asset = world.upload_named(&who, "../IMG 0001.JPG", &file).await;
        assert_eq!((asset.width, asset.height), (3000, 4000));
        assert_eq!(asset.content_type, "image/jpeg");
        assert_eq!(asset.kind(), Kind::Upload);
        assert_eq!(asset.file_name, "IMG 0001.JPG");
        assert!(!asset.has_alpha && asset.placeholder.len() > 20);
        assert_eq!(asset.metadata, None);
        let source = asset.source.clone().unwrap();
        assert_eq!((source.width, source.height), (4000, 3000));
        assert_eq!((source.orientation, &*source.color_model), (6, "rgb"));
        assert_eq!(source.bytes as usize, file.len());

        let (bytes, picture) = stored(&world, &asset).await;
        assert_eq!(bytes.len(), asset.bytes as usize);
        for trace in [&b"Exif"[..], b"Lumen", b"2026:05:01"] {
            assert!(holds(&file, trace) && !holds(&bytes, trace));
        }
        // Turned right: blue comes to the top left, red to the top right.
        assert_near(&picture, 700, 900, [40, 60, 210], 5);
        assert_near(&picture, 2300, 900, [220, 30, 40], 5);
        assert_near(&picture, 1500, 3500, [30, 180, 60], 5);

        eventually("both events are told", async || {
            let uploaded = world.told::<MediaUploaded>().await;
            let processed = world.told::<MediaProcessed>().await;
            uploaded.len() == 1
                && uploaded[0].from_person
                && uploaded[0].user_id == who.user_id.to_string()
                && processed.len() == 1
                && processed[0].asset_id == asset.id
                && processed[0].sha256 == asset.sha256
        })
        .await;
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn what_a_camera_wrote_is_kept_only_as_far_as_asked_for() {
    on_both(async |world| {
        let who = world.harness.creator();
        let file = phone_photo(40, 30);
        let header = |keep_metadata, keep_location| UploadAssetHeader {
            keep_metadata,
            keep_location,
            ..named("a.jpg")
        };
        let asset = world
            .upload(&who, header(true, false), &file)
            .await
            .unwrap();
        let facts = asset.metadata.unwrap();
        assert_eq!(
            (
                &*facts.camera_make,
                &*facts.camera_model,
                &*facts.lens_model
            ),
            ("Lumen", "Lumen X1", "Wide 24")
        );
        assert_eq!(facts.taken_at, "2026-05-01T12:30:00+02:00");
        assert_eq!(facts.exposure_time, "1/250");
        assert_eq!((facts.f_number, facts.iso), (Some(1.8), Some(400)));
        assert_eq!(facts.location, None);

        let asset = world.upload(&who, header(true, true), &file).await.unwrap();
        let (bytes, _) = stored(&world, &asset).await;
        assert!(!holds(&bytes, b"Lumen"));
        let place = asset.metadata.unwrap().location.unwrap();
        assert!((place.latitude - 48.858_233).abs() < 1e-5);
        assert!((place.longitude - 2.294_5).abs() < 1e-5);

        let refused = world.upload(&who, header(false, true), &file).await;
        assert_refused(refused, Code::InvalidArgument, "INVALID_REQUEST");
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn every_kind_of_picture_becomes_one_that_browsers_show() {
    on_both(async |world| {
        let who = world.harness.creator();
        let cmyk = world.upload_named(&who, "print.jpg", CMYK).await;
        assert_eq!(cmyk.content_type, "image/jpeg");
        assert!(cmyk.source.as_ref().unwrap().profile_converted);
        let (_, picture) = stored(&world, &cmyk).await;
        // Cyan and magenta as the profile prints them.
        assert_near(&picture, 24, 8, [5, 158, 224], 8);
        assert_near(&picture, 40, 8, [227, 2, 122], 8);

        let gif = world.upload_named(&who, "loop.gif", GIF).await;
        assert_eq!(
            (&*gif.content_type, gif.source.unwrap().frames),
            ("image/png", 3)
        );

        let webp = world.upload_named(&who, "loop.webp", ANIMATED_WEBP).await;
        assert_eq!(webp.content_type, "image/png");
        assert_eq!(webp.source.unwrap().content_type, "image/webp");

        let lossy = encode(&picture, Encoding::WebP { quality: 80 }).unwrap();
        let lossy = world.upload_named(&who, "a.webp", &lossy).await;
        assert_eq!(lossy.content_type, "image/webp");

        let clear: Vec<u8> = [9, 8, 7, 100].repeat(64);
        let clear = encode(&Picture::new(8, 8, clear).unwrap(), Encoding::PREVIEW).unwrap();
        let clear = world.upload_named(&who, "logo.png", &clear).await;
        assert!(clear.has_alpha);
        let (_, picture) = stored(&world, &clear).await;
        assert_eq!(picture.rgba()[..4], [9, 8, 7, 100]);

        let mut wide = Vec::new();
        let mut encoder = png::Encoder::new(&mut wide, 2, 1);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Sixteen);
        let samples = [0x00_u8, 0xFF, 0x80, 0x00, 0xFF, 0x00].repeat(2);
        encoder
            .write_header()
            .unwrap()
            .write_image_data(&samples)
            .unwrap();
        let wide = world.upload_named(&who, "scan.png", &wide).await;
        assert_eq!(wide.source.as_ref().unwrap().bit_depth, 16);
        let (bytes, picture) = stored(&world, &wide).await;
        // Byte 24 of a PNG is its depth; 255 of 65,535 is 1 of 255.
        assert_eq!((bytes[24], &picture.rgba()[..3]), (8, &[1, 128, 254][..]));
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn bytes_decide_what_a_file_is_and_not_its_name() {
    on_both(async |world| {
        let who = world.harness.creator();
        let header = UploadAssetHeader {
            content_type: "text/html".to_owned(),
            ..named("page.html")
        };
        let asset = world.upload(&who, header, &png(8, 8, 1)).await.unwrap();
        assert_eq!(asset.content_type, "image/png");
        // A variant works as of any other asset.
        let asset = world
            .upload_named(&who, "wide.png", &png(700, 300, 1))
            .await;
        let (kind, bytes) = world.image(&asset.variants[0].url).await.unwrap();
        assert_eq!(kind, "image/webp");
        assert_eq!(probe(&bytes).unwrap().format, FileFormat::WebP);
        world.harness.stop().await;
    })
    .await;
}

async fn refusal(world: &World, who: &Principal, file: &[u8], reason: &str) {
    let answer = world.upload(who, named("holiday.jpg"), file).await;
    let violations = answer
        .as_ref()
        .err()
        .and_then(tonic::Status::get_details_bad_request);
    assert_refused(answer, Code::InvalidArgument, reason);
    if reason != "ASSET_TOO_LARGE" {
        assert_eq!(violations.unwrap().field_violations[0].field, "file");
    }
}

#[tokio::test]
async fn hostile_files_are_refused_and_leave_nothing() {
    on_both(async |world| {
        let who = world.harness.creator();
        let unsupported = "IMAGE_FORMAT_UNSUPPORTED";
        for file in [
            &b"<!doctype html><script>alert(1)</script>"[..],
            b"<svg xmlns='http://www.w3.org/2000/svg' onload='x'/>",
            b"",
            b"\0\0\0\x20ftypavif\0\0\0\0mif1",
        ] {
            refusal(&world, &who, file, unsupported).await;
        }
        let mut bomb = png(8, 8, 1);
        bomb[16..24].copy_from_slice(&[0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30]);
        refusal(&world, &who, &bomb, "IMAGE_TOO_LARGE").await;
        let screen = b"GIF89a\x0A\0\x0A\0\0\0\0\x2C\0\0\0\0\x30\x75\x30\x75\0\x02\0\x3B";
        refusal(&world, &who, screen, "IMAGE_INVALID").await;
        let photo = phone_photo(400, 300);
        for length in [photo.len() - 2, photo.len() / 2, 700] {
            refusal(&world, &who, &photo[..length], "IMAGE_INVALID").await;
        }
        refusal(&world, &who, &GIF[..GIF.len() / 4], "IMAGE_INVALID").await;
        let long = [png(8, 8, 1), vec![0; 10 * 1024 * 1024]].concat();
        refusal(&world, &who, &long, "ASSET_TOO_LARGE").await;
        assert_eq!(world.keys().await, Vec::<String>::new());
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn what_follows_a_pictures_end_is_forgotten() {
    on_both(async |world| {
        let who = world.harness.creator();
        let file = png(8, 8, 1);
        let longer = [&file[..], b"<?php system($_GET['x']); ?>"].concat();
        let one = world.upload_named(&who, "a.png", &file).await;
        let two = world.upload_named(&who, "b.png", &longer).await;
        assert_eq!(one.sha256, two.sha256);
        assert_eq!(world.keys().await.len(), 1);
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_repeated_key_answers_with_the_first_asset() {
    on_both(async |world| {
        let who = world.harness.creator();
        let header = UploadAssetHeader {
            request_id: "key-1".to_owned(),
            ..named("a.png")
        };
        let file = png(64, 64, 1);
        let first = world.upload(&who, header.clone(), &file).await.unwrap();
        let again = world.upload(&who, header.clone(), &file).await.unwrap();
        assert_eq!(first, again);
        let other = world.upload(&who, header.clone(), &png(64, 64, 2)).await;
        assert_eq!(other.unwrap_err().code(), Code::InvalidArgument);
        let renamed = UploadAssetHeader {
            file_name: "b.png".to_owned(),
            ..header.clone()
        };
        let other = world.upload(&who, renamed, &file).await;
        assert_eq!(other.unwrap_err().code(), Code::InvalidArgument);
        // A refusal leaves the key free.
        let header = UploadAssetHeader {
            request_id: "key-2".to_owned(),
            ..named("a.png")
        };
        let refused = world.upload(&who, header.clone(), b"no picture").await;
        assert_refused(refused, Code::InvalidArgument, "IMAGE_FORMAT_UNSUPPORTED");
        let second = world.upload(&who, header, &file).await.unwrap();
        assert_ne!(first.id, second.id);
        assert_eq!(world.keys().await.len(), 1);
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn an_upload_of_a_person_is_a_header_and_then_chunks() {
    on_both(async |world| {
        let who = world.harness.creator();
        let parts = person_upload(named("a.png"), &png(64, 64, 1));
        for wrong in [
            parts[1..].to_vec(),
            vec![parts[0].clone(), parts[0].clone()],
            Vec::new(),
        ] {
            let answer = world
                .user(&who)
                .upload_asset(futures::stream::iter(wrong))
                .await;
            assert_refused(answer, Code::InvalidArgument, "INVALID_REQUEST");
        }
        let mut long = parts.clone();
        long[1].part = Some(Part::Chunk(vec![0; 1024 * 1024 + 1].into()));
        let answer = world
            .user(&who)
            .upload_asset(futures::stream::iter(long))
            .await;
        assert_refused(answer, Code::InvalidArgument, "INVALID_REQUEST");
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn many_uploads_of_one_file_are_stored_once() {
    on_both(async |world| {
        let who = world.harness.creator();
        let file = picture(200, 100, 3);
        let file = encode(&file, Encoding::PREVIEW).unwrap();
        let all = (0..6).map(|_| world.upload_named(&who, "a.png", &file));
        let assets = futures::future::join_all(all).await;
        assert!(assets.iter().all(|asset| asset.sha256 == assets[0].sha256));
        assert_eq!(world.keys().await.len(), 1);
        world.harness.stop().await;
    })
    .await;
}
