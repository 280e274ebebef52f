//! The decision to undo a task, as it stands in the journal.

use bytes::Bytes;
use covergen_proto::task::v1::journal_entry::State;
use covergen_proto::task::v1::{JournalEntry, TaskError};
use prost::Message as _;

use crate::Failure;

/// What the entry is called where a step failed. Steps have names of plain
/// words, so neither name can be one of theirs.
const UNDO: &str = "saga.undo";
/// What it is called where somebody asked for the task to stop.
const CANCEL: &str = "saga.cancel";

/// Characters of the message that are kept.
const MESSAGE_CHARS: usize = 4_000;

/// A task is to be undone, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decision {
    /// What its owner will read.
    pub(crate) failure: Failure,
    /// Whether somebody asked for it.
    pub(crate) asked: bool,
}

impl Decision {
    /// Reads the decision from an entry; `None` when the entry is a step's.
    pub(crate) fn read(entry: &JournalEntry) -> Option<Self> {
        let asked = match entry.step.as_str() {
            UNDO => false,
            CANCEL => true,
            _ => return None,
        };
        // An unreadable reason is no reason to forget the decision.
        let TaskError { reason, message } =
            TaskError::decode(entry.output.clone()).unwrap_or_default();
        Some(Self {
            failure: Failure { reason, message },
            asked,
        })
    }

    /// The entry that says so.
    pub(crate) fn entry(&self) -> JournalEntry {
        let error = TaskError {
            reason: self.failure.reason.clone(),
            // An entry has a bound, and a step may say anything.
            message: self.failure.message.chars().take(MESSAGE_CHARS).collect(),
        };
        JournalEntry {
            step: if self.asked { CANCEL } else { UNDO }.to_owned(),
            state: State::Started.into(),
            output: Bytes::from(error.encode_to_vec()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Bytes, Decision, JournalEntry};
    use crate::Failure;

    #[test]
    fn a_decision_reads_back_as_it_was_written() {
        for asked in [true, false] {
            let decision = Decision {
                failure: Failure {
                    reason: "QUOTA_EXHAUSTED".to_owned(),
                    message: "none left".to_owned(),
                },
                asked,
            };
            assert_eq!(Decision::read(&decision.entry()), Some(decision));
        }
    }

    #[test]
    fn a_decision_stands_even_if_its_reason_is_unreadable() {
        let entry = JournalEntry {
            step: "saga.undo".to_owned(),
            state: 1,
            output: Bytes::from_static(&[0xff]),
        };
        assert!(Decision::read(&entry).is_some());
    }
}
