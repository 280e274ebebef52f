//! What is answered otherwise than with NOT_FOUND, and why that is right.

use covergen_identity::Role;
use tonic::Code::{self, AlreadyExists, FailedPrecondition, InvalidArgument, Ok, Unimplemented};

use super::Answer;
use super::roles::{Asker, Rank};
use Who::{Admins, Anybody, Moderators, Services};

/// Whom an exception is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    /// Whoever may call at all.
    Anybody,
    /// People who judge content.
    Moderators,
    /// People who run the platform.
    Admins,
    /// Services, which have judged for whom they act before they name things.
    Services,
}

/// For whom, of which method, when which fields are foreign (`*` for any),
/// answered with what, and why.
pub(super) type Exception = (
    Who,
    &'static str,
    &'static str,
    &'static [Code],
    &'static str,
);

#[rustfmt::skip]
pub(super) const EXCEPTIONS: &[Exception] = &[
    // People, and whoever may call at all.
    (Anybody, "CoverService/ListCovers", "*", &[Ok], "a filter that nothing of one's own passes"),
    (Anybody, "CoverService/BulkGenerate", "rows.template_id", &[InvalidArgument], "each row is judged, and told by number"),
    (Anybody, "CoverService/BulkGenerate", "template_id", &[InvalidArgument], "each row is judged, and told by number"),
    (Anybody, "MediaService/SizeImages", "*", &[Ok], "pictures that are not there are left out"),
    (Anybody, "ScreenService/GetLibrary", "*", &[Unimplemented], "it lives in a BFF, which calls the methods above"),
    (Anybody, "TemplateService/CreateBrandKit", "*", &[InvalidArgument], "told by field: no such asset"),
    (Anybody, "TemplateService/UpdateBrandKit", "brand_kit.logo_asset_id", &[InvalidArgument], "told by field: no such asset"),
    (Anybody, "UserService/UpdatePreferences", "preferences.default_template_id", &[Ok], "a name that is kept as it came and judged when it is used"),
    (Anybody, "UserService/UpdateUser", "user.id", &[Ok], "told and never taken"),
    (Anybody, "UserService/UpdateUser", "user.workspace_id", &[Ok, InvalidArgument], "told and never taken; with the key of the one before"),
    (Anybody, "UserService/UpdateUser", "user.avatar_asset_id", &[InvalidArgument], "told by field: no such asset"),
    // Those who judge content read and decide what others appeal.
    (Moderators, "SafetyService/DecideAppeal", "*", &[Ok, FailedPrecondition], "once"),
    (Moderators, "SafetyService/GetAppeal", "*", &[Ok], "what is decided is read"),
    (Moderators, "SafetyService/GetStatement", "*", &[Ok], "what is decided is read"),
    (Moderators, "SafetyService/GetViolation", "*", &[Ok], "what is decided is read"),
    (Moderators, "SafetyService/ListAppeals", "*", &[Ok], "what is decided is read"),
    (Moderators, "SafetyService/ListViolations", "*", &[Ok], "what is decided is read"),
    // Those who run the platform look after accounts and the queue.
    (Admins, "AccountService/ListAccounts", "*", &[Ok], "accounts are theirs to look after"),
    (Admins, "AccountService/SetAccountStatus", "*", &[Ok], "accounts are theirs to look after"),
    (Admins, "TaskService/DeleteTask", "*", &[Ok], "the queue is theirs to look after"),
    (Admins, "TaskService/ListTasks", "*", &[Ok], "the queue is theirs to look after"),
    (Admins, "TaskService/SubmitTask", "*", &[Ok, AlreadyExists], "an id that is free again; another's task stays another's"),
    (Admins, "UserService/ConsumeQuota", "*", &[Ok], "accounts are theirs to look after"),
    (Admins, "UserService/GetHistory", "*", &[Ok], "accounts are theirs to look after"),
    (Admins, "UserService/GetPreferences", "*", &[Ok], "accounts are theirs to look after"),
    (Admins, "UserService/GetQuota", "*", &[Ok], "accounts are theirs to look after"),
    (Admins, "UserService/GetSubscription", "*", &[Ok], "accounts are theirs to look after"),
    (Admins, "UserService/GetUser", "*", &[Ok], "accounts are theirs to look after"),
    (Admins, "UserService/GetUserById", "*", &[Ok], "accounts are theirs to look after"),
    (Admins, "UserService/ListUsers", "*", &[Ok], "accounts are theirs to look after"),
    (Admins, "UserService/ReinstateUser", "*", &[Ok], "accounts are theirs to look after"),
    (Admins, "UserService/SetTier", "*", &[Ok], "accounts are theirs to look after"),
    (Admins, "UserService/SuspendUser", "*", &[Ok], "accounts are theirs to look after"),
    (Admins, "UserService/UpdatePreferences", "*", &[Ok], "accounts are theirs to look after"),
    (Admins, "UserService/UpdateUser", "user_id", &[Ok], "accounts are theirs to look after"),
    (Admins, "UserService/UpdateUser", "user_id user.id user.workspace_id user.avatar_asset_id", &[InvalidArgument], "told by field: no such asset"),
    // Services name what they have judged before, in calls that people cannot make.
    (Services, "AccountService/ExportUserData", "*", &[Ok], "user gathers somebody's copy"),
    (Services, "AccountService/ListAccounts", "*", &[Ok], "an operator at a shell"),
    (Services, "AccountService/SetAccountStatus", "*", &[Ok], "an operator at a shell, or user for an admin"),
    (Services, "AuthService/GetIdentity", "*", &[Ok], "user makes a profile of it"),
    (Services, "CoverService/ExportUserData", "*", &[Ok], "user gathers somebody's copy"),
    (Services, "ExportService/ExportUserData", "*", &[Ok], "user gathers somebody's copy"),
    (Services, "MediaService/ExportUserData", "*", &[Ok], "user gathers somebody's copy"),
    (Services, "NotificationService/ExportUserData", "*", &[Ok], "user gathers somebody's copy"),
    (Services, "SafetyService/ExportUserData", "*", &[Ok], "user gathers somebody's copy"),
    (Services, "TemplateService/ExportUserData", "*", &[Ok], "user gathers somebody's copy"),
    (Services, "MediaService/DeleteAssets", "*", &[Ok], "of the caller's workspace, where there are none such"),
    (Services, "MediaService/PutAsset", "*", &[InvalidArgument], "another's workspace, or no picture"),
    (Services, "TaskService/BatchGetTasks", "*", &[Ok], "tasks that are not there are left out"),
    (Services, "TaskService/FinishTask", "*", &[FailedPrecondition], "without its lease a task is nobody's to move"),
    (Services, "TaskService/Heartbeat", "*", &[FailedPrecondition], "without its lease a task is nobody's to move"),
    (Services, "TaskService/RecordStep", "*", &[FailedPrecondition], "without its lease a task is nobody's to move"),
    (Services, "TaskService/SubmitTask", "*", &[AlreadyExists, InvalidArgument], "another's task stays another's; kinds belong to services"),
    (Services, "UserService/CommitQuota", "*", &[Ok, FailedPrecondition], "cover settles what it has set aside, also for who is not there"),
    (Services, "UserService/ConfirmReservation", "*", &[Ok, FailedPrecondition], "cover settles what it has set aside, also for who is not there"),
    (Services, "UserService/RefundQuota", "*", &[Ok, FailedPrecondition], "cover settles what it has set aside, also for who is not there"),
    (Services, "UserService/ReleaseQuota", "*", &[Ok, FailedPrecondition], "cover settles what it has set aside, also for who is not there"),
    (Services, "UserService/ReserveQuota", "*", &[Ok, FailedPrecondition], "cover settles what it has set aside, also for who is not there"),
    (Services, "UserService/GetEntitlements", "*", &[Ok], "what a tier allows, without a name"),
    (Services, "UserService/SetTier", "*", &[Ok], "an operator at a shell"),
];

/// The exception that an answer falls under.
pub(super) fn exception(asker: &Asker, answer: &Answer) -> Option<&'static Exception> {
    let rpc = answer.method.path.rsplit('.').next().unwrap_or_default();
    EXCEPTIONS.iter().find(|(who, of, fields, _, _)| {
        let is_theirs = match who {
            Anybody => true,
            Moderators => is(asker, &[Role::Moderator, Role::Admin]),
            Admins => is(asker, &[Role::Admin]),
            Services => matches!(asker.rank, Rank::Service(_)),
        };
        is_theirs && *of == rpc && (*fields == "*" || *fields == answer.foreign.join(" "))
    })
}

fn is(asker: &Asker, roles: &[Role]) -> bool {
    matches!(&asker.rank, Rank::Person { role, .. } if roles.contains(role))
}
