use covergen_chassis::Harness;
use tonic::Code;

use crate::stage::{assert_refused, on_both_stores, part, services, texts, web};

#[tokio::test]
async fn a_flagged_text_names_rule_place_and_region() {
    on_both_stores(async |harness| {
        let who = harness.creator();
        let title = "🔥 b\u{200B}uy c0caine — heil hitler";
        let request = texts(&["My holiday", title], &[]);
        let verdict = web(harness, &who).check_text(request).await.unwrap();
        let verdict = verdict.into_inner();
        assert!(verdict.flagged);
        let drugs = verdict
            .matches
            .iter()
            .find(|found| found.rule_id == "illegal-drugs-en")
            .unwrap();
        assert_eq!((drugs.text_index, drugs.rule_version), (1, 1));
        assert_eq!(drugs.region, "*");
        assert_eq!(part(title, drugs.start, drugs.end), "b\u{200B}uy c0caine");
        assert_eq!(verdict.scores["illegal_goods"], drugs.score);
        let worst_first = verdict.matches.windows(2);
        assert!(
            worst_first
                .into_iter()
                .all(|two| two[0].score >= two[1].score)
        );
    })
    .await;
}

#[tokio::test]
async fn a_regions_rule_holds_in_that_region_and_where_none_is_named() {
    on_both_stores(async |harness| {
        let who = harness.creator();
        for (regions, flagged) in [
            (vec![], true),
            (vec!["DE"], true),
            (vec!["US", "DE"], true),
            (vec!["US", "JP"], false),
        ] {
            let request = texts(&["Heil Hitler"], &regions);
            let verdict = web(harness, &who).check_text(request).await.unwrap();
            assert_eq!(verdict.into_inner().flagged, flagged, "{regions:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn hostile_texts_are_answered() {
    on_both_stores(async |harness| {
        let who = harness.creator();
        let long = "%F0%9F%94%A5a\u{301}".repeat(500);
        let zalgo = "e\u{301}".repeat(2_700);
        let repeated = "buy cocaine ".repeat(680);
        for hostile in [
            "",
            "\u{0}\u{FFFF}\u{202E}",
            "%%%%2525%",
            long.as_str(),
            zalgo.as_str(),
            repeated.as_str(),
        ] {
            let request = texts(&[hostile; 8], &[]);
            let verdict = web(harness, &who).check_text(request).await.unwrap();
            let verdict = verdict.into_inner();
            assert_eq!(verdict.flagged, hostile == repeated);
            assert!(verdict.matches.len() <= 64);
        }
        let long = "a".repeat(8_193);
        let refused = web(harness, &who).check_text(texts(&[&long], &["x"])).await;
        assert_refused(refused, Code::InvalidArgument, "INVALID_REQUEST");
    })
    .await;
}

#[tokio::test]
async fn checking_leaves_no_trace() {
    on_both_stores(async |harness| {
        let who = harness.creator();
        let before = harness.hosted().digests().await.unwrap();
        let request = texts(&["buy cocaine"], &[]);
        let verdict = web(harness, &who).check_text(request).await.unwrap();
        assert!(verdict.into_inner().flagged);
        assert_eq!(harness.hosted().digests().await.unwrap(), before);
    })
    .await;
}

#[tokio::test]
async fn hostile_texts_get_a_verdict_like_any_other() {
    let harness = Harness::start(services()).await;
    let mut client = web(&harness, &harness.creator());
    for text in [
        "%EF%BF%BD%FF%41".to_owned(),
        "%C0%AE%C0%AE%2F".to_owned(),
        "%F0%80%81%A3%ED%A0%80%F4%90%80%80%".to_owned(),
        "%EF%BF%BD%FF".repeat(600),
        "\u{202E}".repeat(2000) + "abc",
        "\u{2067}\u{202E}a\u{2069}\u{202C}".repeat(500),
        "a".to_owned() + &"\u{301}".repeat(4000),
        "\u{FFFE}\u{FFFF}\u{10FFFF}\u{7F}".to_owned(),
        "%2525252525".repeat(700),
    ] {
        let answer = client.check_text(texts(&[&text], &[])).await;
        let shown: String = text.chars().take(20).collect();
        let verdict = answer.unwrap_or_else(|status| panic!("{shown:?}: {status}"));
        assert!(!verdict.into_inner().flagged, "{shown:?}");
    }
    for text in [
        "\u{202E}eniacoc yub\u{202C}",
        "buy с\u{200D}о\u{2066}саіnе\u{2069}",
        "%EF%BF%BD%FF%41 buy cocaine",
    ] {
        let answer = client.check_text(texts(&[text], &[])).await;
        assert!(answer.unwrap().into_inner().flagged, "{text:?}");
    }
    harness.stop().await;
}
