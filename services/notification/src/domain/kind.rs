/// What happened. Its name stands in messages, rows and preferences, and does
/// not change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    CoverGenerated,
    CoverGenerationFailed,
    CoverDeleted,
    CoverBulkFinished,
    ExportReady,
    ExportFailed,
    QuotaExhausted,
    ContentBlocked,
    AppealResolved,
    AccountOpened,
    SessionRevoked,
    WebhookTest,
    WebhookDisabled,
}

impl Kind {
    const ALL: [Self; 13] = [
        Self::CoverGenerated,
        Self::CoverGenerationFailed,
        Self::CoverDeleted,
        Self::CoverBulkFinished,
        Self::ExportReady,
        Self::ExportFailed,
        Self::QuotaExhausted,
        Self::ContentBlocked,
        Self::AppealResolved,
        Self::AccountOpened,
        Self::SessionRevoked,
        Self::WebhookTest,
        Self::WebhookDisabled,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::CoverGenerated => "cover.generated",
            Self::CoverGenerationFailed => "cover.generation_failed",
            Self::CoverDeleted => "cover.deleted",
            Self::CoverBulkFinished => "cover.bulk_finished",
            Self::ExportReady => "export.ready",
            Self::ExportFailed => "export.failed",
            Self::QuotaExhausted => "quota.exhausted",
            Self::ContentBlocked => "content.blocked",
            Self::AppealResolved => "appeal.resolved",
            Self::AccountOpened => "account.opened",
            Self::SessionRevoked => "session.revoked",
            Self::WebhookTest => "webhook.test",
            Self::WebhookDisabled => "webhook.disabled",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether a person finds it in their list.
    pub(crate) const fn is_listed(self) -> bool {
        !matches!(
            self,
            Self::CoverDeleted | Self::ContentBlocked | Self::WebhookTest
        )
    }

    /// Whether a workspace's webhooks are told. How somebody's account is
    /// doing is their own business, and no matter for the servers of others.
    pub(crate) const fn is_for_webhooks(self) -> bool {
        !matches!(self, Self::AccountOpened | Self::SessionRevoked)
    }

    /// Whether a person's devices are told, which were registered to hear of
    /// covers.
    pub(crate) const fn is_pushed(self) -> bool {
        matches!(self, Self::CoverGenerated | Self::CoverGenerationFailed)
    }
}

#[cfg(test)]
mod tests {
    use super::Kind;

    #[test]
    fn a_kind_is_found_by_its_name() {
        for kind in Kind::ALL {
            assert_eq!(Kind::named(kind.name()), Some(kind));
        }
        assert_eq!(Kind::named("cover.painted"), None);
    }
}
