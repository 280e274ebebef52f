use covergen_proto::user::v1::preferences::Theme;
use covergen_proto::user::v1::subscription::Source;
use covergen_proto::user::v1::tier::Kind;
use covergen_proto::user::v1::{
    GetPreferencesRequest, GetSubscriptionRequest, GetUserRequest, Preferences, SetTierRequest,
    Subscription, UpdatePreferencesRequest, UpdateUserRequest, User,
};
use tonic::Code;

use crate::world::{Client, Engine, World, refused};

on_both_engines!(
    preferences_are_replaced_as_a_whole_and_keep_their_etag_until_then,
    of_racers_with_one_etag_one_succeeds,
    a_subscription_says_what_a_tier_gives_and_where_it_comes_from,
);

async fn read(client: &mut Client) -> Preferences {
    let request = GetPreferencesRequest {
        user_id: "me".to_owned(),
    };
    client.get_preferences(request).await.unwrap().into_inner()
}

fn put(preferences: Preferences, etag: &str) -> UpdatePreferencesRequest {
    UpdatePreferencesRequest {
        user_id: "me".to_owned(),
        preferences: Some(preferences),
        etag: etag.to_owned(),
        request_id: String::new(),
    }
}

fn dark() -> Preferences {
    Preferences {
        language: "de".to_owned(),
        time_zone: "Europe/Berlin".to_owned(),
        theme: Theme::Dark.into(),
        default_template_id: "aurora".to_owned(),
        default_sizes: vec!["youtube".to_owned(), "1200x630".to_owned()],
        default_formats: vec!["webp".to_owned()],
        default_variants: 3,
        reduce_motion: true,
        etag: String::new(),
    }
}

async fn preferences_are_replaced_as_a_whole_and_keep_their_etag_until_then(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.somebody("ada@example.org").await;
    let mut client = world.person(&ada);
    let first = read(&mut client).await;
    assert_eq!(
        (first.theme(), first.etag.is_empty()),
        (Theme::Unspecified, false)
    );
    assert_eq!(read(&mut client).await, first);

    let changed = client.update_preferences(put(dark(), &first.etag)).await;
    let changed = changed.unwrap().into_inner();
    let expected = Preferences {
        etag: changed.etag.clone(),
        ..dark()
    };
    assert_eq!(changed, expected);
    assert_ne!(changed.etag, first.etag);
    assert_eq!(read(&mut client).await, changed);
    let late = client.update_preferences(put(dark(), &first.etag)).await;
    refused(late, Code::Aborted, "ETAG_MISMATCH");

    // Language and time zone are the profile's, either way round.
    let me = GetUserRequest {
        user_id: "me".to_owned(),
    };
    let profile = client.get_user(me).await.unwrap().into_inner();
    assert_eq!(
        (profile.language.as_str(), profile.time_zone.as_str()),
        ("de", "Europe/Berlin")
    );
    let request = UpdateUserRequest {
        user_id: "me".to_owned(),
        user: Some(User {
            language: "fr".to_owned(),
            ..User::default()
        }),
        ..UpdateUserRequest::default()
    };
    client.update_user(request).await.unwrap();
    let after = read(&mut client).await;
    assert_eq!(after.language, "fr");
    assert_ne!(after.etag, changed.etag);

    // Without an etag whatever is there is replaced; what is left out goes.
    let plain = client
        .update_preferences(put(Preferences::default(), ""))
        .await;
    let plain = plain.unwrap().into_inner();
    assert!(plain.default_sizes.is_empty() && plain.language.is_empty());
    for wrong in [
        Preferences {
            default_sizes: vec!["12345x1".to_owned()],
            ..Preferences::default()
        },
        Preferences {
            default_formats: vec!["gif".to_owned()],
            ..Preferences::default()
        },
    ] {
        let answer = client.update_preferences(put(wrong, "")).await;
        refused(answer, Code::InvalidArgument, "INVALID_REQUEST");
    }
}

async fn of_racers_with_one_etag_one_succeeds(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.somebody("ada@example.org").await;
    let etag = read(&mut world.person(&ada)).await.etag;
    let racers = (1..=8).map(|variants| {
        let mut client = world.person(&ada);
        let preferences = Preferences {
            default_variants: variants,
            ..Preferences::default()
        };
        let request = put(preferences, &etag);
        async move { client.update_preferences(request).await }
    });
    let outcomes = futures::future::join_all(racers).await;
    let (won, lost): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    assert_eq!(won.len(), 1);
    for answer in lost {
        refused(answer, Code::Aborted, "ETAG_MISMATCH");
    }
    let won = won.into_iter().next().unwrap().unwrap().into_inner();
    assert_eq!(read(&mut world.person(&ada)).await, won);
}

async fn a_subscription_says_what_a_tier_gives_and_where_it_comes_from(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.somebody("ada@example.org").await;
    let read = async || -> Subscription {
        let request = GetSubscriptionRequest {
            user_id: "me".to_owned(),
        };
        let answer = world.person(&ada).get_subscription(request).await;
        answer.unwrap().into_inner()
    };
    let free = read().await;
    assert_eq!(
        (free.tier(), free.source(), free.upgrade_to()),
        (Kind::Free, Source::Default, Kind::Pro)
    );
    assert_eq!(free.limits.unwrap().covers_per_month, 50);
    assert!(free.features.is_empty(), "{free:?}");
    let request = SetTierRequest {
        user_id: ada.user_id.to_string(),
        tier: Kind::ProPlus.into(),
        request_id: String::new(),
    };
    world.operator().set_tier(request).await.unwrap();
    let best = read().await;
    assert_eq!(
        (best.tier(), best.source(), best.upgrade_to()),
        (Kind::ProPlus, Source::Operator, Kind::Unspecified)
    );
    let features = [
        "no_watermark",
        "premium_templates",
        "brand_kits",
        "custom_templates",
        "bulk",
        "api",
    ];
    assert_eq!(best.features, features);
    assert!(best.start_time.unwrap().seconds >= free.start_time.unwrap().seconds);
}
