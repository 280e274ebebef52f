use super::{MAX_MATCHES, Screen};
use crate::domain::{EVERYWHERE, Rule};

fn rule(id: &str, patterns: &[&str], exceptions: &[&str]) -> Rule {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    Rule {
        id: id.to_owned(),
        version: 3,
        category: "test".to_owned(),
        description: String::new(),
        region: EVERYWHERE.to_owned(),
        score: 0.5,
        patterns: owned(patterns),
        exceptions: owned(exceptions),
        is_retired: false,
        is_shadow: false,
        is_law: false,
        ground_reference: String::new(),
    }
}

/// The matched parts of a text, as it was given.
fn matched(screen: &Screen, text: &str) -> Vec<String> {
    let verdict = screen.check(&[text.to_owned()], &[]);
    let part = |start: i32, end: i32| {
        let (start, end) = (
            usize::try_from(start).unwrap(),
            usize::try_from(end).unwrap(),
        );
        text.chars().skip(start).take(end - start).collect()
    };
    let matches = verdict.matches.iter();
    matches.map(|found| part(found.start, found.end)).collect()
}

#[test]
fn the_place_of_a_match_is_that_in_the_text_as_given() {
    let screen = Screen::new(vec![rule("a", &["buy cocaine"], &[])]).unwrap();
    for (text, part) in [
        ("BUY COCAINE", "BUY COCAINE"),
        ("now: buy — cocaine!", "buy — cocaine"),
        (
            "👍 b\u{200B}uy c\u{AD}ocaine 👍",
            "b\u{200B}uy c\u{AD}ocaine",
        ),
        ("x b.u.y c.o.c.a.i.n.e x", "b.u.y c.o.c.a.i.n.e"),
        ("x b u y c o c a i n e x", "b u y c o c a i n e"),
        ("%62uy%20cocain%65 now", "%62uy%20cocain%65"),
        ("ｂｕｙ　ｃｏｃａｉｎｅ", "ｂｕｙ　ｃｏｃａｉｎｅ"),
        ("b\u{336}u\u{336}y c0ca1ne.", "b\u{336}u\u{336}y c0ca1ne"),
        ("buuuuy cocaaaaine", "buuuuy cocaaaaine"),
        ("buy_cocaine", "buy_cocaine"),
        ("buy 2 cocaine4u", "buy 2 cocaine"),
        ("x \u{202E}eniacoc yub\u{202C} x", "eniacoc yub"),
        ("x \u{202E}e\u{301}niaaacoc yub", "e\u{301}niaaacoc yub"),
        ("buy \u{2067}cocaine\u{2069}", "buy \u{2067}cocaine"),
        ("%EF%BF%BD%FF%41 buy cocaine", "buy cocaine"),
        ("%E2%80%AEeniacoc%20yub", "eniacoc%20yub"),
    ] {
        assert_eq!(matched(&screen, text), [part], "{text}");
    }
}

#[test]
fn a_word_within_another_is_no_match() {
    let screen = Screen::new(vec![rule("a", &["rapist", "ass", "cunt"], &[])]).unwrap();
    for text in [
        "Therapist",
        "Scunthorpe United",
        "classic assassin",
        "Rap ist cool",
        "as soon as",
        "a ssd",
    ] {
        assert_eq!(matched(&screen, text), [""; 0], "{text}");
    }
    assert_eq!(matched(&screen, "the rapist"), ["rapist"]);
    assert_eq!(matched(&screen, "日本rapist日本"), ["rapist"]);
}

#[test]
fn han_matches_through_separators_but_a_short_word_not_across_sentences() {
    let screen = Screen::new(vec![rule("a", &["冰毒", "出售手枪"], &[])]).unwrap();
    assert_eq!(matched(&screen, "买冰 毒吧"), ["冰 毒"]);
    assert_eq!(matched(&screen, "冰🔥毒"), ["冰🔥毒"]);
    assert_eq!(matched(&screen, "夏天吃冰，毒日头"), [""; 0]);
    assert_eq!(matched(&screen, "出，售，手，槍"), ["出，售，手，槍"]);
    assert_eq!(matched(&screen, "江西"), [""; 0]);
}

#[test]
fn a_match_within_an_exception_is_none() {
    let screen = Screen::new(vec![
        rule("a", &["white power"], &["white power (bank|supply)"]),
        rule("b", &["power bank"], &[]),
    ])
    .unwrap();
    assert_eq!(matched(&screen, "white power"), ["white power"]);
    assert_eq!(matched(&screen, "White Power Bank"), ["Power Bank"]);
    let both = "white power, not a white power bank";
    assert_eq!(matched(&screen, both), ["white power", "power bank"]);
}

#[test]
fn the_rules_of_a_region_hold_there_and_the_worst_comes_first() {
    let mut everywhere = rule("a", &["tea"], &[]);
    everywhere.score = 0.2;
    let mut chinese = rule("b", &["tea"], &[]);
    (chinese.region, chinese.score) = ("CN".to_owned(), 0.9);
    let screen = Screen::new(vec![everywhere, chinese]).unwrap();
    let rules = |regions: &[&str]| -> Vec<String> {
        let regions: Vec<String> = regions.iter().map(|one| (*one).to_owned()).collect();
        let verdict = screen.check(&["tea".to_owned()], &regions);
        let matches = verdict.matches.into_iter();
        matches.map(|found| found.rule_id).collect()
    };
    assert_eq!(rules(&[]), ["b", "a"]);
    assert_eq!(rules(&["CN", "EU"]), ["b", "a"]);
    assert_eq!(rules(&["EU"]), ["a"]);
    let verdict = screen.check(&["x".to_owned(), "tea".to_owned()], &[]);
    assert_eq!(verdict.matches[0].text_index, 1);
    assert_eq!(verdict.matches[0].rule_version, 3);
    assert_eq!(verdict.scores()["test"], 0.9);
}

#[test]
fn no_text_makes_the_answer_or_the_reader_large() {
    let screen = Screen::new(vec![rule("a", &["tea"], &[])]).unwrap();
    let many = vec!["tea ".repeat(2_000); 8];
    assert_eq!(screen.check(&many, &[]).matches.len(), MAX_MATCHES);
    for odd in [
        "",
        "\u{0}",
        "%",
        "%%%25%25",
        "\u{301}\u{301}",
        "\u{200B}",
        "\u{10FFFF}",
    ] {
        assert_eq!(matched(&screen, odd), [""; 0]);
        assert_eq!(matched(&screen, &odd.repeat(500)), [""; 0]);
    }
    assert!(Screen::default().check(&many, &[]).matches.is_empty());
}
