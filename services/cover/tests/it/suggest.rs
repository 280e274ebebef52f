use covergen_proto::cover::v1::suggest_palettes_request::Source;
use covergen_proto::cover::v1::{SuggestPalettesRequest, SuggestTitlesRequest};
use tonic::Code;

use crate::world::{World, order};

#[tokio::test]
async fn titles_come_in_the_language_of_the_topic() {
    let world = World::on_sqlite().await;
    let ada = world.register("ada").await;
    for (topic, language) in [("home coffee", "en"), ("家庭咖啡", "zh")] {
        let request = SuggestTitlesRequest {
            topic: topic.to_owned(),
            count: 6,
            ..SuggestTitlesRequest::default()
        };
        let answer = world.covers(&ada).suggest_titles(request).await;
        let answer = answer.unwrap().into_inner();
        assert_eq!(
            (answer.language.as_str(), answer.titles.len()),
            (language, 6)
        );
    }
    let nothing = SuggestTitlesRequest {
        topic: " … ".to_owned(),
        ..SuggestTitlesRequest::default()
    };
    let refused = world
        .covers(&ada)
        .suggest_titles(nothing)
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
}

#[tokio::test]
async fn palettes_come_from_a_photo_a_mood_or_a_template_and_can_be_used() {
    let world = World::on_sqlite().await;
    let ada = world.register("ada").await;
    let photo = world
        .photo(&ada, |x, y| {
            if x + y < 500 {
                [200, 60, 30]
            } else {
                [20, 60, 140]
            }
        })
        .await;
    for source in [
        Source::AssetId(photo.clone()),
        Source::Mood("calm".to_owned()),
        Source::TemplateId("aurora".to_owned()),
    ] {
        let request = SuggestPalettesRequest {
            source: Some(source.clone()),
            ..SuggestPalettesRequest::default()
        };
        let answer = world.covers(&ada).suggest_palettes(request).await;
        let answer = answer.unwrap().into_inner();
        assert!(!answer.palettes.is_empty(), "{source:?}");
        assert!(answer.moods.iter().any(|mood| mood == "calm"));
        let mut usable = order("In these colours");
        usable.colors.clone_from(&answer.palettes[0].colors);
        usable.template_id = "swiss".to_owned();
        let cover = world.cover(&ada, usable).await;
        assert_eq!(cover.colors, answer.palettes[0].colors, "{source:?}");
    }
    let eve = world.register("eve").await;
    let foreign = SuggestPalettesRequest {
        source: Some(Source::AssetId(photo)),
        ..SuggestPalettesRequest::default()
    };
    let refused = world
        .covers(&eve)
        .suggest_palettes(foreign)
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Code::NotFound);
}
