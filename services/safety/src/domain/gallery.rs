//! Blocked pictures, and whether a picture looks like one of them.

use super::pdq::{MAX_DISTANCE, MIN_QUALITY, Pdq, Print, Turn};
use super::{EVERYWHERE, ImageMatch};

/// Blocked pictures at most: each is compared with every picture.
pub(crate) const MAX_BLOCKED: usize = 50_000;

/// Matches in one answer.
const MAX_MATCHES: usize = 16;

/// A picture that must not be used.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Blocked {
    pub(crate) id: String,
    pub(crate) pdq: Pdq,
    /// Slug.
    pub(crate) category: String,
    /// ISO 3166-1 alpha-2 code, `EU`, or [`EVERYWHERE`].
    pub(crate) region: String,
    /// 0 to 1.
    pub(crate) score: f64,
}

/// All of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gallery(Vec<Blocked>);

impl Gallery {
    pub(crate) const fn new(blocked: Vec<Blocked>) -> Self {
        Self(blocked)
    }

    /// The blocked pictures of some regions that pictures look like, worst
    /// first. A picture with too little in it looks like nothing.
    pub(crate) fn check(&self, prints: &[Print], regions: &[String]) -> Vec<ImageMatch> {
        let applies = |blocked: &&Blocked| {
            regions.is_empty() || blocked.region == EVERYWHERE || regions.contains(&blocked.region)
        };
        let mut matches = Vec::new();
        for (print, image_index) in prints.iter().zip(0..) {
            if print.quality < MIN_QUALITY {
                continue;
            }
            for blocked in self.0.iter().filter(applies) {
                let (distance, turn) = print.nearest(blocked.pdq);
                if distance <= MAX_DISTANCE {
                    matches.push(found(blocked, image_index, distance, turn));
                }
            }
        }
        matches.sort_by(|a, b| {
            b.score
                .total_cmp(&a.score)
                .then_with(|| a.distance.cmp(&b.distance))
                .then_with(|| a.blocked_id.cmp(&b.blocked_id))
        });
        matches.truncate(MAX_MATCHES);
        matches
    }
}

fn found(blocked: &Blocked, image_index: i32, distance: u32, turn: Turn) -> ImageMatch {
    ImageMatch {
        blocked_id: blocked.id.clone(),
        category: blocked.category.clone(),
        region: blocked.region.clone(),
        image_index,
        distance: i32::try_from(distance).unwrap_or(i32::MAX),
        turn,
        score: blocked.score,
    }
}
