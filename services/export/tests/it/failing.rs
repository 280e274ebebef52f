use covergen_ids::TaskId;
use covergen_proto::export::v1::PrepareRequest;
use covergen_proto::export::v1::export::Status as Wire;
use covergen_proto::task::v1::CancelTaskRequest;
use tonic::Code;

use crate::world::{assert_refused, eventually, on_both, wanted};

#[tokio::test]
async fn a_bound_that_no_quality_meets_fails_and_says_so() {
    on_both(async |world| {
        let owner = world.harness.creator();
        let cover = world.cover(&owner);
        let request = PrepareRequest {
            max_bytes: 4096,
            ..wanted(cover, 2000, 2000, "jpeg")
        };
        let id = world.prepare(&owner, request).await.unwrap();
        let refused = world.download(&owner, &id).await;
        assert_refused(refused, Code::FailedPrecondition, "EXPORT_NOT_READY");
        let export = world.until(&owner, &id, Wire::Failed).await;
        let error = export.error.unwrap();
        assert_eq!(error.reason, "MAX_BYTES_UNREACHABLE");
        assert!(error.message.contains("4096"), "{}", error.message);
        assert_eq!((export.bytes, &*export.download_url), (0, ""));
        let refused = world.download(&owner, &id).await;
        assert_refused(refused, Code::FailedPrecondition, "EXPORT_NOT_READY");
        world.until_told(&id, "FAILED").await;
        assert_eq!(world.objects(), Vec::<std::path::PathBuf>::new());
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_cancelled_export_stops_and_leaves_nothing() {
    on_both(async |world| {
        let owner = world.harness.creator();
        let cover = world.cover(&owner);
        // Many encodings of many pixels: it is cancelled long before its end.
        let request = PrepareRequest {
            max_bytes: 4096,
            ..wanted(cover, 4096, 4096, "webp")
        };
        let id = world.prepare(&owner, request).await.unwrap();
        world.until(&owner, &id, Wire::Running).await;
        let export: covergen_ids::ExportId = id.parse().unwrap();
        let request = CancelTaskRequest {
            task_id: TaskId::derived(&export.uuid(), 0).to_string(),
        };
        let channel = world.harness.as_service("export", Some(&owner), "task");
        let mut task = covergen_proto::task::v1::task_service_client(channel);
        task.cancel_task(request).await.unwrap();
        let export = world.until(&owner, &id, Wire::Cancelled).await;
        assert_eq!(export.error.unwrap().reason, "CANCELLED");
        world.until_told(&id, "FAILED").await;
        eventually("nothing is stored", async || world.objects().is_empty()).await;
        world.harness.stop().await;
    })
    .await;
}
