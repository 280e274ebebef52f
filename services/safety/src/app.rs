//! One function per RPC, of the same name; it owns the transaction.

mod appeals;
mod block_image;
mod check_image;
mod check_text;
mod decide_appeal;
mod erase;
mod export_user_data;
mod list_rules;
mod rules;
mod screen_image;
mod screen_text;
mod statement;
mod try_rule;
mod violations;
mod write_rule;

use covergen_identity::Principal;
use covergen_ids::Clock;
use covergen_store::Store;

use crate::config::Config;
use crate::error::Error;
use crate::peers::Media;
use crate::prints::Printer;
use crate::rulebook::Rulebook;
use crate::store::Whose;

pub(crate) use check_image::Pictured;
pub(crate) use screen_text::Authored;
pub(crate) use violations::Seen;

/// The permission of those who judge content.
const MODERATE: &str = "safety.moderate";

/// What every RPC of safety works with.
pub(crate) struct App {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) config: Config,
    pub(crate) rulebook: Rulebook,
    pub(crate) media: Media,
    pub(crate) printer: Printer,
}

/// Whether a caller judges content.
pub(crate) fn moderates(caller: &Principal) -> bool {
    caller.may(MODERATE)
}

/// How far a caller sees: moderators everything, others what is their own.
fn reach(caller: &Principal) -> Whose {
    if moderates(caller) {
        Whose::All
    } else {
        own(caller)
    }
}

const fn own(caller: &Principal) -> Whose {
    Whose::Own(caller.user_id, caller.workspace_id)
}

/// Whose rows a list is about: `me`, a user id, or empty for all that the
/// caller sees. Another's are NOT_FOUND for those who do not moderate.
fn asked_for(caller: &Principal, user_id: &str) -> Result<Whose, Error> {
    if user_id.is_empty() {
        return Ok(reach(caller));
    }
    if user_id == "me" || user_id == caller.user_id.to_string() {
        return Ok(own(caller));
    }
    if !moderates(caller) {
        return Err(Error::NotFound("user"));
    }
    user_id
        .parse()
        .map(Whose::Of)
        .map_err(|error| Error::invalid("userId", &error))
}
