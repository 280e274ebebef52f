use covergen_chassis::timestamp;
use covergen_proto::user::v1::reservation::State as WireState;
use covergen_proto::user::v1::tier::Kind;
use covergen_proto::user::v1::{Entitlements, Quota, Reservation, User, Workspace};

use crate::app::QuotaView;
use crate::store::entity::reservation::{self, State};
use crate::store::entity::{profile, tier, workspace};

pub(crate) fn user(row: profile::Model) -> User {
    User {
        id: row.user_id.to_string(),
        username: row.username.unwrap_or_default(),
        display_name: row.display_name,
        email: row.email,
        avatar_url: row.avatar_url,
        language: row.language,
        time_zone: row.time_zone,
        tier: kind(&row.tier).into(),
        workspace_id: row.workspace_id.to_string(),
        create_time: Some(timestamp(row.created_at_ms)),
        update_time: Some(timestamp(row.updated_at_ms)),
    }
}

pub(crate) fn quota(view: &QuotaView) -> Quota {
    Quota {
        limit: view.limit,
        used: view.used,
        reserved: view.reserved,
        remaining: (view.limit - view.used - view.reserved).max(0),
        resets_at: Some(timestamp(view.resets_at_ms)),
        tier: kind(&view.tier).into(),
    }
}

pub(crate) fn entitlements(tier: &tier::Model) -> Entitlements {
    Entitlements {
        tier: kind(&tier.id).into(),
        watermark: tier.watermark,
        premium_templates: tier.premium_templates,
    }
}

pub(crate) fn reservation(row: &reservation::Model, tier: Option<&tier::Model>) -> Reservation {
    let state = match row.state {
        State::Held => WireState::Held,
        State::Confirmed => WireState::Confirmed,
        State::Committed => WireState::Committed,
        State::Released => WireState::Released,
    };
    Reservation {
        task_id: row.task_id.to_string(),
        state: state.into(),
        units: row.units,
        refunded: row.refunded_units,
        entitlements: tier.map(entitlements),
    }
}

pub(super) fn workspace((row, role): (workspace::Model, String)) -> Workspace {
    Workspace {
        id: row.workspace_id.to_string(),
        name: row.name,
        personal: row.personal,
        role,
    }
}

fn kind(tier: &str) -> Kind {
    match tier {
        "free" => Kind::Free,
        "pro" => Kind::Pro,
        "pro_plus" => Kind::ProPlus,
        _ => Kind::Unspecified,
    }
}

/// The tier's id in the table; empty for one that has none.
pub(super) fn tier_id(kind: Kind) -> &'static str {
    match kind {
        Kind::Free => "free",
        Kind::Pro => "pro",
        Kind::ProPlus => "pro_plus",
        Kind::Unspecified => "",
    }
}
