//! Where a generation stands, folded from what happened to it.
//!
//! The events are the truth; the columns of a request are what they fold to.
//! An event that changes nothing is not written, so a step that runs again
//! after a crash leaves no second trace.

use std::collections::BTreeSet;

use covergen_ids::CoverId;

use crate::store::entity::generation_event::{Kind, Model};
use crate::store::entity::request::Status;

/// Something that happened, before it has a place in the order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Happening {
    /// Somebody asked for covers; units are set aside.
    Requested {
        template_id: String,
        seed: u64,
        units: i32,
    },
    /// Somebody asked for a cover to be made again.
    Regenerated {
        source: CoverId,
        template_id: String,
        seed: u64,
        units: i32,
    },
    /// Work on it began anew: attempt 2, 3 …
    Retried { attempt: i32 },
    /// The pictures are stored.
    Painted {
        provider: String,
        seed: u64,
        pictures: i32,
    },
    /// The units are charged.
    Charged { units: i32 },
    /// The covers are there.
    Finished,
    /// It ended without covers.
    Failed { reason: String, message: String },
    /// It was stopped.
    Cancelled { reason: String, message: String },
    /// A cover became a favourite.
    Favorited(CoverId),
    /// A cover is no favourite any more.
    Unfavorited(CoverId),
    /// A cover is gone.
    Deleted(CoverId),
}

/// Where a generation stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) status: Status,
    /// Number of the last event.
    pub(crate) sequence: i32,
    pub(crate) requested_at_ms: i64,
    pub(crate) ended_at_ms: Option<i64>,
    pub(crate) retry_count: i32,
    pub(crate) provider: String,
    pub(crate) units: i32,
    pub(crate) error: Option<(String, String)>,
    painted: bool,
    charged: bool,
    last_attempt: i32,
    favorites: BTreeSet<CoverId>,
    deleted: BTreeSet<CoverId>,
}

impl Default for Standing {
    fn default() -> Self {
        Self {
            status: Status::Open,
            sequence: 0,
            requested_at_ms: 0,
            ended_at_ms: None,
            retry_count: 0,
            provider: String::new(),
            units: 0,
            error: None,
            painted: false,
            charged: false,
            last_attempt: 1,
            favorites: BTreeSet::new(),
            deleted: BTreeSet::new(),
        }
    }
}

impl Standing {
    /// Folds events, which must be in order.
    pub(crate) fn fold(events: &[Model]) -> Self {
        let mut standing = Self::default();
        for event in events {
            standing.apply(event);
            standing.sequence = event.sequence;
        }
        standing
    }

    /// Whether a happening would change anything.
    pub(crate) fn is_news(&self, happening: &Happening) -> bool {
        let succeeded = self.status == Status::Succeeded;
        match happening {
            Happening::Requested { .. } | Happening::Regenerated { .. } => self.sequence == 0,
            Happening::Retried { attempt } => !succeeded && *attempt > self.last_attempt,
            Happening::Painted { .. } => !succeeded && !self.painted,
            Happening::Charged { .. } => !succeeded && !self.charged,
            Happening::Finished => !succeeded,
            Happening::Failed { .. } => !succeeded && self.status != Status::Failed,
            Happening::Cancelled { .. } => !succeeded && self.status != Status::Cancelled,
            Happening::Favorited(cover) => !self.favorites.contains(cover),
            Happening::Unfavorited(cover) => self.favorites.contains(cover),
            Happening::Deleted(cover) => !self.deleted.contains(cover),
        }
    }

    /// Takes one event in.
    pub(crate) fn apply(&mut self, event: &Model) {
        match event.kind {
            Kind::Requested | Kind::Regenerated => {
                self.requested_at_ms = event.occurred_at_ms;
                self.units = event.units.unwrap_or(0);
            }
            Kind::Retried => {
                self.retry_count += 1;
                self.last_attempt = event.attempt.unwrap_or(self.last_attempt + 1);
            }
            Kind::Painted => {
                self.painted = true;
                self.provider = event.provider.clone().unwrap_or_default();
            }
            Kind::Charged => {
                self.charged = true;
                self.units = event.units.unwrap_or(0);
            }
            Kind::Finished => self.end(Status::Succeeded, event),
            Kind::Failed => self.end(Status::Failed, event),
            Kind::Cancelled => self.end(Status::Cancelled, event),
            Kind::Favorited => self.favorites.extend(event.cover_id),
            Kind::Unfavorited => {
                if let Some(cover) = &event.cover_id {
                    self.favorites.remove(cover);
                }
            }
            Kind::Deleted => self.deleted.extend(event.cover_id),
        }
        self.sequence = event.sequence;
    }

    fn end(&mut self, status: Status, event: &Model) {
        self.status = status;
        self.ended_at_ms = Some(event.occurred_at_ms);
        self.error = None;
        if status != Status::Succeeded {
            // What was set aside was given back, and what was painted is gone:
            // an operator's retry paints and charges anew.
            self.units = 0;
            self.painted = false;
            self.charged = false;
            self.error = Some((
                event.reason.clone().unwrap_or_default(),
                event.message.clone().unwrap_or_default(),
            ));
        }
    }
}

/// Makes the event of a happening, next in the order.
pub(crate) fn event(base: &Model, standing: &Standing, happening: Happening, now_ms: i64) -> Model {
    let mut event = Model {
        sequence: standing.sequence + 1,
        occurred_at_ms: now_ms,
        ..base.clone()
    };
    let duration = Some((now_ms - standing.requested_at_ms).max(0));
    match happening {
        Happening::Requested {
            template_id,
            seed,
            units,
        } => begun(&mut event, template_id, seed, units),
        Happening::Regenerated {
            source,
            template_id,
            seed,
            units,
        } => {
            begun(&mut event, template_id, seed, units);
            (event.kind, event.cover_id) = (Kind::Regenerated, Some(source));
        }
        Happening::Retried { attempt } => {
            event.kind = Kind::Retried;
            event.attempt = Some(attempt);
        }
        Happening::Painted {
            provider,
            seed,
            pictures,
        } => {
            event.kind = Kind::Painted;
            event.provider = Some(provider);
            event.seed = Some(seed.cast_signed());
            event.pictures = Some(pictures);
        }
        Happening::Charged { units } => {
            event.kind = Kind::Charged;
            event.units = Some(units);
        }
        Happening::Finished => {
            event.kind = Kind::Finished;
            event.duration_ms = duration;
        }
        Happening::Failed { reason, message } => {
            event.kind = Kind::Failed;
            (event.reason, event.message, event.duration_ms) =
                (Some(reason), Some(message), duration);
        }
        Happening::Cancelled { reason, message } => {
            event.kind = Kind::Cancelled;
            (event.reason, event.message, event.duration_ms) =
                (Some(reason), Some(message), duration);
        }
        Happening::Favorited(cover) => {
            (event.kind, event.cover_id) = (Kind::Favorited, Some(cover));
        }
        Happening::Unfavorited(cover) => {
            (event.kind, event.cover_id) = (Kind::Unfavorited, Some(cover));
        }
        Happening::Deleted(cover) => (event.kind, event.cover_id) = (Kind::Deleted, Some(cover)),
    }
    event
}

fn begun(event: &mut Model, template_id: String, seed: u64, units: i32) {
    event.kind = Kind::Requested;
    event.template_id = Some(template_id);
    event.seed = Some(seed.cast_signed());
    event.units = Some(units);
}

/// An event of a generation with nothing said yet.
pub(crate) fn blank(request: &crate::store::entity::request::Model) -> Model {
    Model {
        task_id: request.task_id,
        sequence: 0,
        workspace_id: request.workspace_id,
        user_id: request.user_id,
        kind: Kind::Requested,
        cover_id: None,
        template_id: None,
        seed: None,
        provider: None,
        units: None,
        attempt: None,
        pictures: None,
        reason: None,
        message: None,
        duration_ms: None,
        occurred_at_ms: 0,
    }
}

#[cfg(test)]
mod tests;
