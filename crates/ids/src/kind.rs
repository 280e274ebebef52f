//! The registry of id kinds: one line per kind, prefix included.

use crate::Id;

/// A kind of id: a marker type with the prefix its ids print.
pub trait Kind: Send + Sync + 'static {
    /// Three letters that stand before the underscore.
    const PREFIX: &'static str;
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident, $alias:ident, $prefix:literal;)*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
            pub enum $kind {}
            impl Kind for $kind {
                const PREFIX: &'static str = $prefix;
            }
            $(#[$doc])*
            pub type $alias = Id<$kind>;
        )*

        #[cfg(test)]
        pub(crate) const PREFIXES: &[&str] = &[$($prefix),*];
    };
}

kinds! {
    /// A person with an account.
    User, UserId, "usr";
    /// A tenant: personal or shared.
    Workspace, WorkspaceId, "wks";
    /// A signed-in device.
    Session, SessionId, "ses";
    /// A key a partner calls with.
    ApiKey, ApiKeyId, "key";
    /// A passkey.
    Passkey, PasskeyId, "pky";
    /// A generated cover.
    Cover, CoverId, "cov";
    /// A set of covers asked for at once.
    Bulk, BulkId, "bul";
    /// One variant of a cover.
    Variant, VariantId, "var";
    /// A queued piece of work.
    Task, TaskId, "tsk";
    /// One run of a task.
    Execution, ExecutionId, "exe";
    /// A stored image or other object.
    Asset, AssetId, "ast";
    /// A file on its way in, part by part.
    Upload, UploadId, "upl";
    /// A prepared export.
    Export, ExportId, "exp";
    /// A template made by a workspace.
    Template, TemplateId, "tpl";
    /// Colours, type and logo of a brand.
    BrandKit, BrandKitId, "brk";
    /// Quota set aside for a task.
    Reservation, ReservationId, "res";
    /// A logged violation of a safety rule.
    Violation, ViolationId, "vio";
    /// An appeal against a safety verdict.
    Appeal, AppealId, "apl";
    /// A picture that must not be used.
    BlockedImage, BlockedImageId, "blk";
    /// What a person is told within the product.
    Notification, NotificationId, "ntf";
    /// An address of a partner's that is told of events.
    Webhook, WebhookId, "whk";
    /// One message to one webhook or device.
    Delivery, DeliveryId, "dlv";
    /// A device that is told by Web Push.
    PushSubscription, PushSubscriptionId, "psh";
    /// A person's copy of their data.
    DataExport, DataExportId, "dex";
    /// A published event.
    Event, EventId, "evt";
    /// A row of an outbox.
    Outbox, OutboxId, "obx";
    /// One request at the edge.
    Request, RequestId, "req";
}

#[cfg(test)]
mod tests {
    #[test]
    fn prefixes_are_unique_and_three_letters() {
        let mut seen = std::collections::BTreeSet::new();
        for prefix in super::PREFIXES {
            assert_eq!(prefix.len(), 3, "{prefix}");
            assert!(seen.insert(prefix), "{prefix} is registered twice");
        }
    }
}
