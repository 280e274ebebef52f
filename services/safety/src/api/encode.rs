//! Verdicts and rows to messages.

use covergen_proto::safety::v1::{Match, Rule, Verdict};

use crate::domain;
use crate::store::entity::rule;

pub(crate) fn verdict(verdict: domain::Verdict) -> Verdict {
    Verdict {
        flagged: !verdict.matches.is_empty(),
        scores: verdict.scores(),
        matches: verdict.matches.into_iter().map(found).collect(),
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

/// A rule without its patterns: they would be a manual for getting round it.
pub(crate) fn rule(row: rule::Model) -> Rule {
    Rule {
        id: row.id,
        version: row.version,
        category: row.category,
        description: row.description,
        region: row.region,
        score: row.score,
    }
}
