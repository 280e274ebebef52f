//! What an event tells, made ready for rows.

use covergen_ids::{EventId, UserId, WorkspaceId};
use covergen_proto::wkt::Timestamp;
use serde::{Deserialize, Serialize};

use super::kind::Kind;

/// Most covers that a notification names.
const MAX_COVERS: usize = 20;

/// Outcome of an appeal: what was stopped passes.
pub(crate) const OVERTURNED: &str = "OVERTURNED";
/// It stays stopped.
pub(crate) const UPHELD: &str = "UPHELD";
/// The appeal was taken back.
pub(crate) const WITHDRAWN: &str = "WITHDRAWN";

/// Why a session ended: its refresh token was presented again after it had
/// been traded in, so there is a copy of it.
pub(crate) const REUSED: &str = "reuse";
/// It began before the account's address was proved, by somebody else's
/// sign-in as it may be.
pub(crate) const TAKEN_OVER: &str = "taken_over";

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// Something that happened, to be told.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    /// Event it follows from: what makes it the same however often it comes.
    pub(crate) event: EventId,
    pub(crate) kind: Kind,
    pub(crate) workspace: WorkspaceId,
    /// Whom it is about.
    pub(crate) user: UserId,
    /// What it is about.
    pub(crate) resource: String,
    /// Grows with each event of the resource.
    pub(crate) sequence: u64,
    pub(crate) at_ms: i64,
    /// What webhooks carry, proto3 JSON.
    pub(crate) data: serde_json::Value,
    pub(crate) facts: Facts,
    /// Whether the person is told, not only their servers.
    pub(crate) is_news: bool,
}

/// What the words of a notification are made of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Facts {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) cover_ids: Vec<String>,
    /// All covers, those included that are not named.
    pub(crate) covers: i32,
    pub(crate) total: i32,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) reason: String,
    /// When a quota fills again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) resets_at_ms: Option<i64>,
}

impl Facts {
    pub(crate) fn of_covers(ids: &[String]) -> Self {
        Self {
            cover_ids: ids.iter().take(MAX_COVERS).cloned().collect(),
            covers: i32::try_from(ids.len()).unwrap_or(i32::MAX),
            ..Self::default()
        }
    }

    pub(crate) fn of_reason(reason: &str) -> Self {
        Self {
            reason: reason.to_owned(),
            ..Self::default()
        }
    }
}

/// A message as webhooks get it; its fields stand in this order.
#[derive(Serialize)]
struct Message<'a> {
    r#type: &'a str,
    timestamp: Timestamp,
    sequence: u64,
    data: &'a serde_json::Value,
}

impl Told {
    /// Whether the person is told of it now. A welcome a day after is none: a
    /// consumer that is new hears of everybody who came within a month.
    pub(crate) fn is_news_at(&self, now_ms: i64) -> bool {
        let is_late = self.kind == Kind::AccountOpened && now_ms - self.at_ms > DAY_MS;
        self.is_news && !is_late
    }

    /// The message that webhooks get.
    pub(crate) fn message(&self) -> String {
        let message = Message {
            r#type: self.kind.name(),
            timestamp: covergen_chassis::timestamp(self.at_ms),
            sequence: self.sequence,
            data: &self.data,
        };
        serde_json::to_string(&message).expect("strings, numbers and JSON are JSON")
    }
}

#[cfg(test)]
mod tests {
    use covergen_ids::{Clock, EventId, UserId, WorkspaceId};
    use covergen_proto::notification::v1::ExportData;

    use super::{DAY_MS, Facts, Kind, Told};

    fn told(kind: Kind) -> Told {
        let clock = Clock::system();
        let data = ExportData {
            export_id: "exp_1".to_owned(),
            status: "SUCCEEDED".to_owned(),
            ..ExportData::default()
        };
        Told {
            event: EventId::new(&clock),
            kind,
            workspace: WorkspaceId::new(&clock),
            user: UserId::new(&clock),
            resource: "exp_1".to_owned(),
            sequence: 2,
            at_ms: 1_700_000_000_123,
            data: serde_json::to_value(&data).unwrap(),
            facts: Facts::default(),
            is_news: true,
        }
    }

    #[test]
    fn nobody_is_welcomed_a_day_late_and_other_news_keep() {
        let late = 1_700_000_000_123 + DAY_MS + 1;
        assert!(told(Kind::AccountOpened).is_news_at(late - 1));
        assert!(!told(Kind::AccountOpened).is_news_at(late));
        assert!(told(Kind::ExportReady).is_news_at(late));
        let known = Told {
            is_news: false,
            ..told(Kind::ExportReady)
        };
        assert!(!known.is_news_at(late));
    }

    #[test]
    fn a_message_has_its_shape() {
        let told = told(Kind::ExportReady);
        assert_eq!(
            told.message(),
            "{\"type\":\"export.ready\",\"timestamp\":\"2023-11-14T22:13:20.123Z\",\
             \"sequence\":2,\"data\":{\"coverId\":\"\",\"exportId\":\"exp_1\",\
             \"status\":\"SUCCEEDED\",\"userId\":\"\"}}"
        );
    }
}
