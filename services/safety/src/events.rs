//! What safety emits. It subscribes to nothing.

use covergen_proto::safety::v1::ContentBlocked;
use covergen_store::{Error, EventDraft, Tx};

use crate::store::entity::violation;

/// A rule stopped a piece of work.
pub(crate) async fn blocked(tx: &Tx, worst: &violation::Model) -> Result<(), Error> {
    let event = ContentBlocked {
        violation_id: worst.id.to_string(),
        subject: worst.subject.clone(),
        rule_id: worst.rule_id.clone(),
        rule_version: worst.rule_version,
        region: worst.region.clone(),
        user_id: worst.user_id.to_string(),
    };
    tx.emit(EventDraft::new(&worst.id, worst.workspace_id, &event))
        .await?;
    Ok(())
}
