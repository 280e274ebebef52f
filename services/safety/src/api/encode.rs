//! Verdicts and rows to messages.

use covergen_chassis::timestamp;
use covergen_proto::safety::v1::appeal::State as AppealState;
use covergen_proto::safety::v1::redress;
use covergen_proto::safety::v1::rule::{Ground, Mode};
use covergen_proto::safety::v1::statement_of_reasons::{Restriction, Source};
use covergen_proto::safety::v1::turn::Kind as WireTurn;
use covergen_proto::safety::v1::violation::State as ViolationState;
use covergen_proto::safety::v1::{
    Appeal, BlockedImage, ImageFacts, ImageMatch, Match, Redress, Rule, ShadowMatch,
    StatementOfReasons, Verdict, Violation,
};

use crate::app::Seen;
use crate::domain;
use crate::domain::pdq::Turn;
use crate::store::entity::{appeal, blocked_image, rule, shadow_match, violation};

pub(crate) fn verdict(verdict: domain::Verdict) -> Verdict {
    Verdict {
        flagged: verdict.is_flagged(),
        scores: verdict.scores().into_iter().collect(),
        matches: verdict.matches.into_iter().map(found).collect(),
        image_matches: verdict.image_matches.into_iter().map(pictured).collect(),
        images: verdict.prints.iter().map(facts).collect(),
    }
}

fn found(found: domain::Match) -> Match {
    Match {
        rule_id: found.rule_id,
        rule_version: found.rule_version,
        category: found.category,
        region: found.region,
        text_index: found.text_index,
        start: found.start,
        end: found.end,
        score: found.score,
    }
}

fn pictured(found: domain::ImageMatch) -> ImageMatch {
    ImageMatch {
        blocked_image_id: found.blocked_id,
        category: found.category,
        region: found.region,
        image_index: found.image_index,
        distance: found.distance,
        turn: turn(found.turn).into(),
        score: found.score,
    }
}

const fn turn(turn: Turn) -> WireTurn {
    match turn {
        Turn::None => WireTurn::None,
        Turn::Left90 => WireTurn::Left90,
        Turn::Half => WireTurn::Half,
        Turn::Right90 => WireTurn::Right90,
        Turn::FlipTopBottom => WireTurn::FlipTopBottom,
        Turn::FlipLeftRight => WireTurn::FlipLeftRight,
        Turn::Transpose => WireTurn::Transpose,
        Turn::Transverse => WireTurn::Transverse,
    }
}

fn facts(print: &domain::pdq::Print) -> ImageFacts {
    ImageFacts {
        pdq: print.hash().to_string(),
        quality: print.quality,
    }
}

/// A rule without its patterns: they would be a manual for getting round it.
pub(crate) fn rule(row: rule::Model) -> Rule {
    Rule {
        patterns: Vec::new(),
        exceptions: Vec::new(),
        author_id: String::new(),
        note: String::new(),
        ..full_rule(row)
    }
}

/// A rule as moderators see it.
pub(crate) fn full_rule(row: rule::Model) -> Rule {
    let mode = if row.is_shadow {
        Mode::Shadow
    } else {
        Mode::Enforced
    };
    Rule {
        id: row.id,
        version: row.version,
        category: row.category,
        description: row.description,
        region: row.region,
        score: row.score,
        mode: mode.into(),
        patterns: row.patterns.0,
        exceptions: row.exceptions.0,
        ground: ground(row.is_law).into(),
        ground_reference: row.ground_reference,
        retired: row.is_retired,
        current: row.in_force,
        author_id: row.author_id.map(|id| id.to_string()).unwrap_or_default(),
        note: row.note,
        restored_from: row.restored_from.unwrap_or_default(),
        create_time: Some(timestamp(row.created_at_ms)),
    }
}

const fn ground(is_law: bool) -> Ground {
    if is_law { Ground::Law } else { Ground::Terms }
}

pub(crate) fn shadow_match(row: shadow_match::Model) -> ShadowMatch {
    ShadowMatch {
        id: row.id,
        rule_id: row.rule_id,
        rule_version: row.rule_version,
        subject: row.subject,
        start: row.match_start,
        end: row.match_end,
        flagged_anyway: row.flagged_anyway,
        create_time: Some(timestamp(row.created_at_ms)),
    }
}

pub(crate) fn blocked_image(row: blocked_image::Model) -> BlockedImage {
    BlockedImage {
        id: row.id.to_string(),
        pdq: row.pdq,
        quality: row.quality,
        category: row.category,
        description: row.description,
        region: row.region,
        score: row.score,
        ground: ground(row.is_law).into(),
        ground_reference: row.ground_reference,
        author_id: row.author_id.map(|id| id.to_string()).unwrap_or_default(),
        create_time: Some(timestamp(row.created_at_ms)),
    }
}

pub(crate) fn violation(seen: Seen) -> Violation {
    let row = seen.violation;
    let state = match row.state {
        violation::State::Standing => ViolationState::Standing,
        violation::State::Appealed => ViolationState::Appealed,
        violation::State::Upheld => ViolationState::Upheld,
        violation::State::Overturned => ViolationState::Overturned,
    };
    Violation {
        id: row.id.to_string(),
        user_id: row.user_id.to_string(),
        subject: row.subject,
        rule_id: row.rule_id,
        rule_version: row.rule_version,
        category: row.category,
        region: row.region,
        score: row.score,
        part_index: row.text_index,
        start: row.match_start,
        end: row.match_end,
        is_image: row.is_image,
        state: state.into(),
        appeal_id: row.appeal_id.map(|id| id.to_string()).unwrap_or_default(),
        appealable_until: Some(timestamp(seen.appealable_until_ms)),
        create_time: Some(timestamp(row.created_at_ms)),
        description: seen.description,
    }
}

/// An appeal; who decided it is for moderators.
pub(crate) fn appeal(row: appeal::Model, now_ms: i64, for_moderator: bool) -> Appeal {
    let state = match row.state {
        appeal::State::Open => AppealState::Open,
        appeal::State::Upheld => AppealState::Upheld,
        appeal::State::Overturned => AppealState::Overturned,
        appeal::State::Withdrawn => AppealState::Withdrawn,
    };
    let decided_by = row.decided_by.filter(|_| for_moderator);
    Appeal {
        id: row.id.to_string(),
        violation_id: row.violation_id.to_string(),
        user_id: row.user_id.to_string(),
        reason: row.reason,
        state: state.into(),
        due_time: Some(timestamp(row.due_at_ms)),
        overdue: row.state == appeal::State::Open && now_ms > row.due_at_ms,
        decision_reason: row.decision_reason,
        decided_by: decided_by.map(|id| id.to_string()).unwrap_or_default(),
        resolve_time: row.resolved_at_ms.map(timestamp),
        create_time: Some(timestamp(row.created_at_ms)),
        rule_id: row.rule_id,
        category: row.category,
    }
}

/// What a statement of reasons is made of.
pub(crate) struct Reasons {
    pub(crate) violation: violation::Model,
    pub(crate) facts: String,
    pub(crate) explanation: String,
    pub(crate) is_law: bool,
    pub(crate) ground_reference: String,
    /// Where an appeal ended it.
    pub(crate) ends_at_ms: Option<i64>,
    pub(crate) appealable_until_ms: i64,
}

pub(crate) fn statement(reasons: Reasons) -> StatementOfReasons {
    let row = reasons.violation;
    StatementOfReasons {
        violation_id: row.id.to_string(),
        restriction: Restriction::GenerationRefused.into(),
        territorial_scope: vec![row.region],
        start_time: Some(timestamp(row.created_at_ms)),
        end_time: reasons.ends_at_ms.map(timestamp),
        facts: reasons.facts,
        source: Source::OwnInitiative.into(),
        automated_detection: true,
        automated_decision: true,
        ground: ground(reasons.is_law).into(),
        ground_reference: reasons.ground_reference,
        ground_explanation: reasons.explanation,
        redress: redress(reasons.appealable_until_ms),
        category: row.category,
        create_time: Some(timestamp(row.created_at_ms)),
    }
}

fn redress(appealable_until_ms: i64) -> Vec<Redress> {
    let way = |kind: redress::Kind, description: &str, until_ms: Option<i64>| Redress {
        kind: kind.into(),
        description: description.to_owned(),
        until: until_ms.map(timestamp),
    };
    vec![
        way(
            redress::Kind::InternalComplaint,
            "Appeal here, free of charge: a person who had no part in the decision looks at it again.",
            Some(appealable_until_ms),
        ),
        way(
            redress::Kind::OutOfCourtDispute,
            "Turn to an out-of-court dispute settlement body certified under Article 21 of the \
             Digital Services Act.",
            None,
        ),
        way(
            redress::Kind::Judicial,
            "Bring the matter before a court.",
            None,
        ),
    ]
}
