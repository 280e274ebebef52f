use covergen_imaging::{Encoding, FileFormat, encode, probe};
use tonic::Code;

use crate::world::{assert_refused, on_both, on_both_with, picture, png};

#[tokio::test]
async fn a_signed_address_serves_anybody_and_a_changed_one_nobody() {
    on_both(async |world| {
        let owner = world.harness.creator();
        let content = png(700, 300, 1);
        let put = world.put(&owner, &content).await;
        let (content_type, bytes) = world.image(&put.url).await.unwrap();
        assert_eq!((&*content_type, &*bytes), ("image/png", &*content));

        let other = world.put(&owner, &png(64, 64, 2)).await;
        let parts: Vec<&str> = put.url.split('/').collect();
        let (signature, file) = (parts[2], parts[4]);
        let stem = file.trim_end_matches(".png");
        for url in [
            format!("/i/{signature}/w_320/{file}"),
            format!("/i/{signature}/o/{}.png", other.id),
            format!("/i/{signature}/o/{stem}.webp"),
            format!("/i/AAAAAAAAAAAAAAAAAAAAAA/o/{file}"),
            format!("/i/x/o/{file}"),
            format!("/i/{signature}=/o/{file}"),
        ] {
            let refused = world.image(&url).await;
            assert_refused(refused, Code::NotFound, "IMAGE_NOT_FOUND");
        }
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_variant_has_its_size_and_is_made_once() {
    on_both(async |world| {
        let owner = world.harness.creator();
        let put = world.put(&owner, &png(700, 300, 1)).await;
        assert_eq!(world.objects("variants").len(), 0);
        let variant = &put.variants[0];
        assert_eq!((variant.width, variant.height), (320, 137));

        let all = (0..6).map(|_| world.image(&variant.url));
        let mut served = futures::future::join_all(all).await.into_iter();
        let first = served.next().unwrap().unwrap();
        assert_eq!(first.0, "image/webp");
        let found = probe(&first.1).unwrap();
        assert_eq!(
            (found.format, found.width, found.height),
            (FileFormat::WebP, 320, 137)
        );
        assert!(served.all(|other| other.unwrap() == first));

        // What is kept is what is served: another file in its place shows.
        let kept = world.objects("variants");
        assert_eq!(kept.len(), 1);
        let planted = encode(&picture(8, 8, 9), Encoding::WebP { quality: 50 }).unwrap();
        std::fs::write(&kept[0], &planted).unwrap();
        let (_, bytes) = world.image(&variant.url).await.unwrap();
        assert_eq!(bytes, planted);
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn an_address_outlives_a_restart_and_a_rotated_key() {
    let old = |table: &mut toml::Table| {
        table.insert("url_key".to_owned(), "a".repeat(32).into());
    };
    on_both_with(old, async |world| {
        let owner = world.harness.creator();
        let content = png(64, 64, 1);
        let put = world.put(&owner, &content).await;
        let world = world
            .restart(|table| {
                table.insert("url_key".to_owned(), "b".repeat(32).into());
                table.insert("previous_url_keys".to_owned(), vec!["a".repeat(32)].into());
            })
            .await;
        assert_eq!(world.image(&put.url).await.unwrap().1, content);
        let world = world
            .restart(|table| {
                table.insert("url_key".to_owned(), "b".repeat(32).into());
            })
            .await;
        let refused = world.image(&put.url).await;
        assert_refused(refused, Code::NotFound, "IMAGE_NOT_FOUND");
        world.harness.stop().await;
    })
    .await;
}
