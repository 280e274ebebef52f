use std::collections::HashSet;

use super::{Language, Title, Wish, suggest};

fn wish<'a>(topic: &'a str, keywords: &'a [String], draft: &'a str) -> Wish<'a> {
    Wish {
        topic,
        keywords,
        draft,
        seed: 1,
        max_characters: 0,
        count: 8,
    }
}

fn titles(mut wish: Wish<'_>) -> Vec<Title> {
    let language = Language::of("", &wish);
    if wish.max_characters == 0 {
        wish.max_characters = language.comfortable();
    }
    suggest(language, &wish)
}

fn texts(found: &[Title]) -> Vec<&str> {
    found.iter().map(|title| title.title.as_str()).collect()
}

#[test]
fn eight_titles_differ_and_come_in_several_styles() {
    for topic in [
        "home coffee",
        "how to brew better coffee",
        "learning Rust",
        "remote teams",
        "家庭咖啡",
        "如何学习 Rust",
        "时间管理",
    ] {
        let found = titles(wish(topic, &[], ""));
        assert_eq!(found.len(), 8, "{topic}: {found:?}");
        let distinct: HashSet<&str> = texts(&found).into_iter().collect();
        assert_eq!(distinct.len(), 8, "{topic}");
        let styles: HashSet<&str> = found.iter().map(|title| title.style).collect();
        assert!(styles.len() >= 6, "{topic}: {styles:?}");
    }
}

#[test]
fn the_same_seed_gives_the_same_titles_and_another_gives_others() {
    let first = titles(wish("home coffee", &[], ""));
    assert_eq!(first, titles(wish("home coffee", &[], "")));
    let other = Wish {
        seed: 2,
        ..wish("home coffee", &[], "")
    };
    assert_ne!(first, titles(other));
}

#[test]
fn no_title_is_longer_than_asked_and_lengths_are_told_right() {
    let long = "the complete and rather long history of municipal water supply in Europe";
    for topic in [
        "home coffee",
        long,
        "城市供水系统的完整历史与未来发展趋势研究",
    ] {
        for max_characters in [8, 16, 30, 60, 120] {
            let wish = Wish {
                max_characters,
                count: 20,
                ..wish(topic, &[], "")
            };
            for title in titles(wish) {
                let real = unicode_segmentation::UnicodeSegmentation::graphemes(
                    title.title.as_str(),
                    true,
                );
                assert_eq!(real.count(), title.characters, "{title:?}");
                assert!(title.characters <= max_characters, "{title:?}");
            }
        }
    }
    let room = Wish {
        max_characters: 30,
        ..wish(long, &[], "")
    };
    assert!(titles(room).len() >= 3, "a long topic is shortened");
}

#[test]
fn english_agrees_with_its_subject() {
    let all = |topic: &str| {
        let wish = Wish {
            count: 200,
            max_characters: 120,
            ..wish(topic, &[], "")
        };
        titles(wish)
            .into_iter()
            .map(|title| title.title)
            .collect::<Vec<_>>()
    };
    let teams = all("remote teams");
    assert!(
        teams
            .iter()
            .any(|title| title == "Are Remote Teams Worth It?")
    );
    assert!(
        teams
            .iter()
            .any(|title| title == "Why Remote Teams Matter Now")
    );
    let coffee = all("home coffee");
    assert!(
        coffee
            .iter()
            .any(|title| title == "Is Home Coffee Worth It?")
    );
    assert!(
        coffee
            .iter()
            .any(|title| title == "Why Home Coffee Matters Now")
    );
    let brew = all("how to brew better coffee");
    assert!(
        brew.iter()
            .any(|title| title == "How to Brew Better Coffee")
    );
    assert!(
        brew.iter().all(|title| !title.contains("How to How")),
        "{brew:?}"
    );
    let rust = all("learning Rust");
    assert!(rust.iter().any(|title| title == "The Joy of Learning Rust"));
    let sea = all("the sea");
    assert!(
        sea.iter().all(|title| !title.contains("The the")),
        "{sea:?}"
    );
    assert!(
        sea.iter().any(|title| title == "The Sea Handbook"),
        "{sea:?}"
    );
}

#[test]
fn chinese_verbs_and_things_are_told_apart_and_latin_stands_free() {
    let all = |topic: &str| {
        let wish = Wish {
            count: 200,
            max_characters: 40,
            ..wish(topic, &[], "")
        };
        titles(wish)
            .into_iter()
            .map(|title| title.title)
            .collect::<Vec<_>>()
    };
    let rust = all("如何学习Rust");
    assert!(
        rust.iter().any(|title| title == "手把手教你学习 Rust"),
        "{rust:?}"
    );
    let time = all("时间管理");
    assert!(
        time.iter().any(|title| title == "一文读懂时间管理"),
        "{time:?}"
    );
    assert!(time.iter().all(|title| !title.contains("如何时间管理")));
}

#[test]
fn a_draft_comes_back_first_and_better_set() {
    let found = titles(wish(
        "",
        &[],
        "the art of slow travel: notes from a year on trains.",
    ));
    assert_eq!(found[0].style, "draft");
    assert!(
        texts(&found).contains(&"The Art of Slow Travel"),
        "{found:?}"
    );
    let split = found
        .iter()
        .find(|title| title.title == "The Art of Slow Travel" && !title.subtitle.is_empty());
    assert!(
        split.is_none_or(|title| title.subtitle == "Notes from a year on trains"),
        "{found:?}"
    );
}

#[test]
fn keywords_alone_are_enough_and_find_their_way_in() {
    let keywords = ["espresso", "milk foam", "grinders"].map(str::to_owned);
    let found = titles(wish("", &keywords, ""));
    assert_eq!(found.len(), 8, "{found:?}");
    let with = titles(Wish {
        count: 20,
        ..wish("home coffee", &keywords, "")
    });
    assert!(
        with.iter()
            .any(|title| title.subtitle == "On espresso, milk foam and grinders"),
        "{with:?}"
    );
    assert!(with.iter().any(|title| title.style == "pair"), "{with:?}");
}

#[test]
fn a_sentence_is_not_set_into_another() {
    let english = titles(wish("", &[], "I rode to the sea and back"));
    assert!(
        texts(&english)
            .iter()
            .all(|title| title.starts_with("I Rode to the Sea")),
        "{english:?}"
    );
    assert!(english.len() >= 5, "{english:?}");
    let chinese = titles(wish("", &[], "我在北京骑行的一年"));
    assert!(
        texts(&chinese)
            .iter()
            .all(|title| title.starts_with("我在北京")),
        "{chinese:?}"
    );
}

#[test]
fn a_long_topic_is_cut_to_what_it_is_about() {
    let long = "the complete and rather long history of municipal water supply in Europe";
    let found = titles(wish(long, &[], ""));
    assert!(
        texts(&found)
            .iter()
            .all(|title| title.contains("Municipal Water Supply")),
        "{found:?}"
    );
}
