use covergen_chassis::timestamp;
use covergen_proto::user::v1::account::Status as WireStatus;
use covergen_proto::user::v1::history_entry::Kind as WireKind;
use covergen_proto::user::v1::preferences::Theme;
use covergen_proto::user::v1::reservation::State as WireState;
use covergen_proto::user::v1::subscription::Source;
use covergen_proto::user::v1::tier::Kind;
use covergen_proto::user::v1::{
    DataExport, Entitlements, HistoryEntry, Preferences, Quota, Reservation, Subscription,
    SubscriptionLimits, User, Workspace,
};
use prost::Message as _;
use sha2::{Digest as _, Sha256};

use crate::app::QuotaView;
use crate::store::entity::preference::Chosen;
use crate::store::entity::profile::{Status, TierSource};
use crate::store::entity::reservation::{self, State};
use crate::store::entity::{data_export, history, profile, tier, workspace};

pub(crate) fn user(row: profile::Model) -> User {
    let status = match row.status {
        Status::Active => WireStatus::Active,
        Status::Inactive => WireStatus::Inactive,
        Status::Suspended => WireStatus::Suspended,
    };
    let picture_url = if row.avatar_asset_url.is_empty() {
        row.avatar_url.clone()
    } else {
        row.avatar_asset_url
    };
    User {
        given_name: row.given_name,
        family_name: row.family_name,
        avatar_asset_id: row.avatar_asset_id,
        picture_url,
        status: status.into(),
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
        brand_kits: tier.brand_kits,
        custom_templates: tier.custom_templates,
        bulk: tier.bulk,
        api: tier.api,
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

/// A tier as its owner sees it; `above` is the next one up.
pub(crate) fn subscription(
    row: &profile::Model,
    tier: &tier::Model,
    above: Option<&tier::Model>,
) -> Subscription {
    let source = match row.tier_source {
        TierSource::Default => Source::Default,
        TierSource::Operator => Source::Operator,
        TierSource::Paid => Source::Paid,
    };
    let features = [
        ("no_watermark", !tier.watermark),
        ("premium_templates", tier.premium_templates),
        ("brand_kits", tier.brand_kits),
        ("custom_templates", tier.custom_templates),
        ("bulk", tier.bulk),
        ("api", tier.api),
    ];
    let since_ms = match row.tier_since_ms {
        0 => row.created_at_ms,
        since_ms => since_ms,
    };
    Subscription {
        tier: kind(&tier.id).into(),
        source: source.into(),
        limits: Some(SubscriptionLimits {
            covers_per_month: tier.covers_per_month,
        }),
        features: features
            .into_iter()
            .filter(|(_, has)| *has)
            .map(|(feature, _)| feature.to_owned())
            .collect(),
        start_time: Some(timestamp(since_ms)),
        upgrade_to: above
            .map_or(Kind::Unspecified, |tier| kind(&tier.id))
            .into(),
    }
}

/// Preferences, with an etag that names exactly these.
pub(crate) fn preferences(row: &profile::Model, chosen: &Chosen) -> Preferences {
    let mut preferences = Preferences {
        language: row.language.clone(),
        time_zone: row.time_zone.clone(),
        theme: Theme::from_str_name(&chosen.theme)
            .unwrap_or(Theme::Unspecified)
            .into(),
        default_template_id: chosen.default_template_id.clone(),
        default_sizes: chosen.default_sizes.clone(),
        default_formats: chosen.default_formats.clone(),
        default_variants: chosen.default_variants,
        reduce_motion: chosen.reduce_motion,
        etag: String::new(),
    };
    let digest = Sha256::digest(preferences.encode_to_vec());
    preferences.etag = digest[..12]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    preferences
}

/// What of preferences is not part of the profile.
pub(crate) fn chosen(new: &Preferences) -> Chosen {
    let theme = match new.theme() {
        Theme::Unspecified => "",
        theme => theme.as_str_name(),
    };
    Chosen {
        theme: theme.to_owned(),
        default_template_id: new.default_template_id.clone(),
        default_sizes: new.default_sizes.clone(),
        default_formats: new.default_formats.clone(),
        default_variants: new.default_variants,
        reduce_motion: new.reduce_motion,
    }
}

pub(crate) fn history(row: history::Model) -> HistoryEntry {
    let kind = match row.kind {
        history::Kind::CoversMade => WireKind::CoversMade,
        history::Kind::GenerationFailed => WireKind::GenerationFailed,
        history::Kind::ExportReady => WireKind::ExportReady,
        history::Kind::ContentBlocked => WireKind::ContentBlocked,
        history::Kind::AppealResolved => WireKind::AppealResolved,
    };
    HistoryEntry {
        id: row.id,
        kind: kind.into(),
        subject_id: row.subject_id,
        cover_ids: row.cover_ids.0,
        template_id: row.template_id,
        outcome: row.outcome,
        create_time: Some(timestamp(row.created_at_ms)),
    }
}

pub(crate) fn data_export(row: &data_export::Model) -> DataExport {
    DataExport {
        id: row.id.to_string(),
        url: format!("/users/me/exports/{}/download", row.id),
        create_time: Some(timestamp(row.created_at_ms)),
        expire_time: Some(timestamp(row.expires_at_ms)),
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
pub(crate) fn tier_id(kind: Kind) -> &'static str {
    match kind {
        Kind::Free => "free",
        Kind::Pro => "pro",
        Kind::ProPlus => "pro_plus",
        Kind::Unspecified => "",
    }
}
