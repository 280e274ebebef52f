//! Typed, prefixed identifiers, and the clock they are made from.
//!
//! `Id<Cover>` prints as `cov_0192…`: the kind's prefix and a UUIDv7 in
//! lower-case hex, so ids sort by the time they were made and a user id never
//! parses as a cover id. Every kind is registered once, in [`kind`].
//!
//! Modules in reading order: [`kind`], `id`, `clock`, `column`.

mod clock;
#[cfg(feature = "sea-orm")]
mod column;
mod id;
pub mod kind;

pub use clock::{Clock, ManualClock};
pub use id::{Id, ParseIdError};
pub use kind::{
    ApiKeyId, AppealId, AssetId, BlockedImageId, BrandKitId, BulkId, CoverId, DataExportId,
    DeliveryId, EventId, ExecutionId, ExportId, NotificationId, OutboxId, PasskeyId,
    PushSubscriptionId, RequestId, ReservationId, SessionId, TaskId, TemplateId, UploadId, UserId,
    VariantId, ViolationId, WebhookId, WorkspaceId,
};
