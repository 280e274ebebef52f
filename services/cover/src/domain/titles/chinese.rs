//! Chinese titles.

use super::{Candidate, Dice, Wish, is_han, tidy};

const NOUN: &[(&str, &str)] = &[
    ("guide", "{T}入门指南"),
    ("guide", "{T}实用手册"),
    ("guide", "{T}避坑指南"),
    ("guide", "{T}全攻略"),
    ("guide", "新手必看的{T}指南"),
    ("explainer", "一文读懂{T}"),
    ("explainer", "三分钟了解{T}"),
    ("explainer", "{T}到底是什么？"),
    ("explainer", "把{T}讲清楚"),
    ("list", "关于{T}的{n}个真相"),
    ("list", "{n}个{T}实用技巧"),
    ("list", "{T}的{n}个常见误区"),
    ("list", "{T}必须知道的{n}件事"),
    ("question", "{T}到底值不值？"),
    ("question", "为什么{T}越来越重要？"),
    ("question", "你真的懂{T}吗？"),
    ("question", "{T}的下一步是什么？"),
    ("opinion", "重新认识{T}"),
    ("opinion", "别再误解{T}了"),
    ("opinion", "{T}的正确打开方式"),
    ("opinion", "我们为什么需要{T}"),
    ("story", "{T}教会我的{n}件事"),
    ("story", "{T}背后的故事"),
    ("story", "我与{T}的这一年"),
    ("promise", "{T}，其实很简单"),
    ("promise", "{T}，看这篇就够了"),
    ("promise", "从零开始懂{T}"),
    ("promise", "让{T}变得简单"),
    ("short", "{T}"),
    ("short", "聊聊{T}"),
];

const VERB: &[(&str, &str)] = &[
    ("how_to", "如何{T}"),
    ("how_to", "怎样轻松{T}？"),
    ("how_to", "普通人如何{T}"),
    ("guide", "{T}完整指南"),
    ("guide", "{T}，从这里开始"),
    ("guide", "手把手教你{T}"),
    ("list", "{T}的{n}个方法"),
    ("list", "{T}前要知道的{n}件事"),
    ("list", "{T}最容易犯的{n}个错"),
    ("question", "想{T}？先看这篇"),
    ("question", "为什么要{T}？"),
    ("question", "你准备好{T}了吗？"),
    ("opinion", "{T}，没有你想的那么难"),
    ("opinion", "{T}这件事，别再拖了"),
    ("story", "我是如何{T}的"),
    ("story", "{T}的这一年"),
    ("promise", "零基础也能{T}"),
    ("promise", "轻松{T}"),
    ("promise", "一步一步{T}"),
    ("short", "{T}"),
];

/// For a draft that is a sentence: it cannot stand within another.
const SENTENCE: &[(&str, &str)] = &[
    ("story", "{T}：全记录"),
    ("list", "{T}：{n}点心得"),
    ("question", "{T}，值得吗？"),
    ("explainer", "{T}，究竟发生了什么"),
    ("promise", "{T}：写给后来的人"),
    ("opinion", "{T}，我想说的话"),
];

const PAIRED: &[(&str, &str)] = &[
    ("pair", "{T}与{K}"),
    ("pair", "当{T}遇上{K}"),
    ("pair", "从{K}看{T}"),
    ("pair", "{T}里的{K}"),
];

const NUMBERS: &[&str] = &["3", "5", "7", "8", "10"];

/// What a topic begins with when it is something to do.
const VERBS: &[&str] = &[
    "学习", "学会", "学好", "制作", "打造", "提高", "提升", "管理", "设计", "改善", "养成", "养好",
    "写好", "写出", "做好", "做出", "选择", "选购", "搭建", "开始", "练习", "理解", "掌握", "减少",
    "增加", "避免", "准备", "规划", "拍出", "拍好", "拍摄", "布置", "收纳", "培养", "摆脱", "应对",
    "保持", "建立", "优化", "玩转", "用好", "读懂", "存钱", "赚钱", "减肥", "健身", "早起", "写",
    "学", "做", "拍", "画", "种", "练", "买", "租", "装修",
];

/// Words that only look like something to do.
const THINGS: &[&str] = &[
    "学校",
    "学生",
    "学术",
    "学科",
    "学历",
    "学区",
    "做法",
    "画家",
    "画展",
    "画册",
    "种子",
    "种类",
    "写作",
    "写真",
    "买家",
    "租金",
    "租房",
    "练习册",
    "设计师",
    "管理学",
    "管理者",
    "健身房",
    "设计",
    "管理",
    "学习",
    "装修",
    "健身",
    "摄影",
];

pub(super) fn candidates(wish: &Wish<'_>, dice: &mut Dice) -> Vec<Candidate> {
    let keywords: Vec<String> = wish.keywords.iter().map(|word| tidy(word)).collect();
    let mut found = Vec::new();
    let draft = tidy(wish.draft);
    if !draft.is_empty() {
        offer_draft(&draft, wish.max_characters, &mut found);
    }
    let subtitle = keyword_line(&keywords);
    for subject in subjects(wish, &draft, &keywords) {
        let verb = is_verb(&subject);
        let sentence = is_sentence(&subject);
        let patterns = match (sentence, verb) {
            (true, _) => SENTENCE,
            (false, true) => VERB,
            (false, false) => NOUN,
        };
        for (style, pattern) in patterns {
            let number = *dice.pick(NUMBERS);
            let title = pattern.replace("{T}", &subject).replace("{n}", number);
            found.push(Candidate {
                title: spaced(&title),
                subtitle: subtitle.clone(),
                style,
            });
        }
        let fresh = keywords.iter().filter(|word| {
            !verb && !sentence && !subject.contains(word.as_str()) && !is_verb(word)
        });
        for keyword in fresh.take(3) {
            for (style, pattern) in PAIRED {
                let title = pattern.replace("{T}", &subject).replace("{K}", keyword);
                found.push(Candidate {
                    title: spaced(&title),
                    subtitle: String::new(),
                    style,
                });
            }
        }
    }
    found
}

/// The draft itself, better set, and its two halves where it has them.
fn offer_draft(draft: &str, max: usize, found: &mut Vec<Candidate>) {
    let bare = draft.trim_end_matches(['。', '，', '、', '；', '：', '！', '.', ',', ' ']);
    let mut offer = |title: &str, subtitle: &str| {
        found.push(Candidate {
            title: spaced(title),
            subtitle: spaced(subtitle),
            style: "draft",
        });
    };
    offer(bare, "");
    for mark in ["：", "——", "？", "，", "。", ": "] {
        if let Some((head, tail)) = bare.split_once(mark) {
            let head = if mark == "？" {
                format!("{head}？")
            } else {
                head.to_owned()
            };
            offer(&head, tail);
        }
    }
    offer(&shortened(bare, max), "");
}

fn subjects(wish: &Wish<'_>, draft: &str, keywords: &[String]) -> Vec<String> {
    let topic = tidy(wish.topic);
    let full = if !topic.is_empty() {
        topic
    } else if !draft.is_empty() {
        draft.to_owned()
    } else {
        keywords
            .iter()
            .take(2)
            .cloned()
            .collect::<Vec<_>>()
            .join("与")
    };
    let full = bare_subject(&full);
    let room = wish.max_characters / 2;
    if full.chars().count() <= room || is_sentence(&full) {
        return vec![full];
    }
    // Of 城市供水系统的历史 the city's water supply.
    let core = full
        .split_once('的')
        .map_or(full.as_str(), |(head, _)| head);
    let short = if core.chars().count() <= room {
        core.to_owned()
    } else if let Some(keyword) = keywords.first() {
        keyword.clone()
    } else {
        shortened(core, room)
    };
    [full, short]
        .into_iter()
        .filter(|subject| !subject.is_empty())
        .collect()
}

/// Whether a text speaks of somebody, and so is more than a topic.
fn is_sentence(text: &str) -> bool {
    text.chars().count() > 3 && text.starts_with(['我', '你', '他', '她', '这'])
}

/// A topic without the words that a pattern brings itself.
fn bare_subject(text: &str) -> String {
    let mut text = text.trim_end_matches(['。', '！', '？', '，', '：', '；', '.', '!', '?', ' ']);
    if let Some((head, _)) = text.split_once('：') {
        text = head;
    }
    for opening in [
        "如何",
        "怎么样",
        "怎么",
        "怎样",
        "为什么",
        "关于",
        "谈谈",
        "聊聊",
        "一文读懂",
    ] {
        if let Some(rest) = text.strip_prefix(opening)
            && !rest.is_empty()
        {
            text = rest;
        }
    }
    for ending in ["入门指南", "指南", "的方法", "教程", "攻略"] {
        if let Some(rest) = text.strip_suffix(ending)
            && !rest.is_empty()
        {
            text = rest;
        }
    }
    text.to_owned()
}

/// What stands before the first stop if that fits, else as much as fits.
fn shortened(text: &str, max: usize) -> String {
    let head = text
        .split(['，', '、', '：', '；', '。', '？', '！', ',', ':'])
        .next()
        .unwrap_or(text);
    let mut short = String::new();
    for (at, c) in head.chars().enumerate() {
        if at == max {
            // Not in the middle of a word of another script.
            if c.is_ascii_alphanumeric()
                && short.ends_with(|last: char| last.is_ascii_alphanumeric())
            {
                let whole = short.trim_end_matches(|last: char| last.is_ascii_alphanumeric());
                short.truncate(whole.len());
            }
            break;
        }
        short.push(c);
    }
    short
        .trim_end_matches(['的', '和', '与', '在', '了', ' '])
        .to_owned()
}

fn is_verb(subject: &str) -> bool {
    let thing = THINGS.contains(&subject)
        || THINGS
            .iter()
            .take(17)
            .any(|thing| subject.starts_with(thing));
    let long = subject.chars().count() > 1;
    long && !thing && VERBS.iter().any(|verb| subject.starts_with(verb))
}

/// A space between Han and Latin, as it is set well.
fn spaced(text: &str) -> String {
    let mut spaced = String::with_capacity(text.len() + 8);
    let mut before: Option<char> = None;
    for c in text.chars() {
        let latin = |c: char| c.is_ascii_alphanumeric();
        if let Some(before) = before
            && ((is_han(before) && c.is_ascii_alphabetic())
                || (before.is_ascii_alphabetic() && is_han(c))
                || (is_han(before) && latin(c) && !c.is_ascii_digit()))
        {
            spaced.push(' ');
        }
        spaced.push(c);
        before = Some(c);
    }
    spaced
}

/// The words that matter, as a second line.
fn keyword_line(keywords: &[String]) -> String {
    let some: Vec<&str> = keywords
        .iter()
        .map(String::as_str)
        .filter(|word| !word.is_empty())
        .take(3)
        .collect();
    match some.as_slice() {
        [] => String::new(),
        [one] => spaced(&format!("聚焦{one}")),
        [most @ .., last] => spaced(&format!("{}与{last}", most.join("、"))),
    }
}
