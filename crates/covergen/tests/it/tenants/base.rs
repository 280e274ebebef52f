//! What a request needs besides the names in it, so that it is judged for
//! those and for nothing else. `@cover` is a cover of the caller's own.

use covergen_proto::Method;
use prost_reflect::{DynamicMessage, MessageDescriptor};
use serde_json::{Value, json};

use super::things::Things;

/// The request of a method with nothing foreign in it.
pub(super) fn request(method: &Method, input: &MessageDescriptor, own: &Things) -> DynamicMessage {
    let name = format!(
        "{}/{}",
        method.rpc_service.rsplit('.').next().unwrap_or_default(),
        method.name
    );
    let mut json = needed(&name);
    fill(&mut json, own);
    DynamicMessage::deserialize(input.clone(), json)
        .unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn fill(json: &mut Value, own: &Things) {
    match json {
        Value::String(text) => {
            if let Some(kind) = text.strip_prefix('@') {
                *text = own.of(kind).to_owned();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| fill(item, own)),
        Value::Object(members) => members.values_mut().for_each(|member| fill(member, own)),
        _ => {}
    }
}

#[rustfmt::skip]
fn needed(name: &str) -> Value {
    let title = "Somebody else's";
    let sizes = json!([{"preset": "thumbnail"}]);
    match name {
        "AccountService/SetAccountStatus" => json!({"status": "INACTIVE"}),
        "TemplateService/CreateBrandKit" => json!({"brandKit": {"name": title, "colors": ["#112233"]}}),
        "TemplateService/UpdateBrandKit" => json!({"brandKitId": "@brand_kit", "brandKit": {"name": title}}),
        "TemplateService/CreateCustomTemplate" => json!({"template": {"name": title, "design": {"base": "aurora"}}}),
        "TemplateService/UpdateCustomTemplate" => json!({"template": {"name": title}}),
        "TemplateService/GetTemplateVersion" | "TemplateService/RestoreTemplateVersion" => json!({"version": 1}),
        "CoverService/Generate" | "CoverService/Preview" => json!({"title": title, "sizes": sizes, "formats": ["jpeg"]}),
        "CoverService/BulkGenerate" => json!({"rows": [{"title": title}], "sizes": sizes, "formats": ["jpeg"]}),
        "ExportService/Prepare" => json!({"preset": "thumbnail", "format": "jpeg"}),
        "ExportService/PrepareBatch" => json!({"items": [{"preset": "thumbnail", "format": "jpeg"}]}),
        "MediaService/PutAsset" => json!({"header": {"assetId": "@asset", "workspaceId": "@workspace", "userId": "@user", "contentType": "image/png", "fileName": "a.png"}}),
        "MediaService/AppendUpload" => json!({"header": {"offset": "0"}}),
        "PasskeyService/RenamePasskey" => json!({"name": title}),
        "SafetyService/CreateAppeal" => json!({"reason": title}),
        "SafetyService/DecideAppeal" => json!({"decision": "UPHELD", "reason": title}),
        "SafetyService/ScreenImage" => json!({"subject": title}),
        "SafetyService/BlockImage" => json!({"category": "other", "description": title}),
        "TaskService/SubmitTask" => json!({"taskId": "@task", "workspaceId": "@workspace", "kind": "cover.nothing"}),
        "TaskService/LeaseTasks" => json!({"kinds": ["cover.nothing"], "maxTasks": 1, "worker": "nobody"}),
        "TaskService/RecordStep" => json!({"entries": [{"step": "paint", "state": "DONE"}]}),
        "TaskService/FinishTask" => json!({"outcome": "SUCCEEDED"}),
        "UserService/ConsumeQuota" => json!({"units": 1}),
        "UserService/ReserveQuota" | "UserService/ConfirmReservation" | "UserService/CommitQuota" => json!({"userId": "@user", "taskId": "@task", "units": 1}),
        "UserService/ReleaseQuota" => json!({"userId": "@user", "taskId": "@task"}),
        "UserService/RefundQuota" => json!({"userId": "@user", "taskId": "@task", "units": 1, "requestId": "a refund"}),
        "UserService/DownloadUserData" => json!({"userId": "me", "dataExportId": "@data_export"}),
        "UserService/UpdateUser" => json!({"userId": "me", "user": {"givenName": "Eve"}}),
        "UserService/UpdatePreferences" => json!({"userId": "me", "preferences": {"theme": "DARK"}}),
        "UserService/DeleteUser" => json!({"confirmation": "delete my account"}),
        "UserService/SetTier" => json!({"tier": "PRO"}),
        "WebhookService/UpdateWebhook" => json!({"webhook": {"description": title}}),
        "WebhookService/ReplayWebhookDelivery" => json!({"webhookId": "@webhook", "deliveryId": "@delivery"}),
        "WebhookService/ReplayWebhookDeliveries" => json!({"since": "2020-01-01T00:00:00Z"}),
        _ => json!({}),
    }
}
