use covergen_imaging::{FileFormat, Limits, decode, probe};
use covergen_proto::template::v1::GetThumbnailRequest;
use tonic::Code;

use crate::stage::{assert_refused, listed, on_both_stores, web};

fn of(id: &str) -> GetThumbnailRequest {
    GetThumbnailRequest {
        template_id: id.to_owned(),
        version: 0,
    }
}

#[tokio::test]
async fn every_template_has_a_thumbnail_of_its_own() {
    on_both_stores(async |harness| {
        let mut seen = std::collections::BTreeSet::new();
        for template in listed(harness, "").await {
            let answer = web(harness).get_thumbnail(of(&template.id)).await.unwrap();
            let body = answer.into_inner();
            assert_eq!(body.content_type, "image/png");
            let probed = probe(&body.data).unwrap();
            assert_eq!(probed.format, FileFormat::Png);
            assert_eq!((probed.width, probed.height), (320, 180));
            let picture = decode(&body.data, &Limits::default()).unwrap();
            let colours: std::collections::BTreeSet<&[u8]> =
                picture.rgba().chunks_exact(4).collect();
            assert!(colours.len() > 4, "{} is blank", template.id);
            assert!(seen.insert(body.data), "{} looks like another", template.id);
        }
    })
    .await;
}

#[tokio::test]
async fn a_thumbnail_is_cached_and_the_same_again() {
    on_both_stores(async |harness| {
        let cache = harness.hosted().cache().scope("template");
        let key = "thumbnail:1:aurora:1";
        assert!(cache.get(key).await.unwrap().is_none());
        // Asked for at once, it is still drawn once.
        let (mut left, mut right) = (web(harness), web(harness));
        let (left, right) = tokio::join!(
            left.get_thumbnail(of("aurora")),
            right.get_thumbnail(of("aurora"))
        );
        let (left, right) = (left.unwrap().into_inner(), right.unwrap().into_inner());
        assert_eq!(left.data, right.data);
        assert_eq!(cache.get(key).await.unwrap().as_ref(), Some(&left.data));

        // What is cached is what is answered.
        let minute = std::time::Duration::from_secs(60);
        cache.set(key, "cached", minute).await.unwrap();
        let again = web(harness).get_thumbnail(of("aurora")).await.unwrap();
        assert_eq!(again.into_inner().data, "cached");
    })
    .await;
}

#[tokio::test]
async fn an_unknown_template_has_no_thumbnail() {
    on_both_stores(async |harness| {
        let refused = web(harness).get_thumbnail(of("no-such")).await;
        assert_refused(refused, Code::NotFound, "TEMPLATE_NOT_FOUND");
    })
    .await;
}
