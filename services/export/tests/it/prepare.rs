use covergen_ids::{CoverId, ExportId};
use covergen_proto::export::v1::PrepareRequest;
use covergen_proto::export::v1::export::Status as Wire;
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::world::{assert_refused, on_both, scene, size, wanted};

#[tokio::test]
async fn a_repeated_key_answers_with_the_first_export() {
    on_both(async |world| {
        let owner = world.harness.creator();
        let cover = world.cover(&owner);
        let request = PrepareRequest {
            request_id: "once".to_owned(),
            ..wanted(cover, 320, 180, "jpeg")
        };
        let first = world.prepare(&owner, request.clone()).await.unwrap();
        let again = world.prepare(&owner, request.clone()).await.unwrap();
        assert_eq!(first, again);
        let other = PrepareRequest {
            width: 321,
            ..request.clone()
        };
        let refused = world.prepare(&owner, other).await;
        assert_refused(refused, Code::InvalidArgument, "IDEMPOTENCY_KEY_REUSED");

        // Another person's key is another key.
        let neighbour = world.harness.creator();
        let own = PrepareRequest {
            cover_id: world.cover(&neighbour).to_string(),
            ..request
        };
        let theirs = world.prepare(&neighbour, own).await.unwrap();
        assert_ne!(first, theirs);
        world.until(&owner, &first, Wire::Succeeded).await;
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn covers_and_exports_of_others_are_not_found() {
    on_both(async |world| {
        let (owner, stranger) = (world.harness.creator(), world.harness.creator());
        let cover = world.cover(&owner);
        let refused = world.prepare(&stranger, wanted(cover, 320, 180, "")).await;
        assert_eq!(refused.unwrap_err().code(), Code::NotFound);
        let nothing = CoverId::new(world.harness.clock());
        let refused = world.prepare(&owner, wanted(nothing, 320, 180, "")).await;
        assert_eq!(refused.unwrap_err().code(), Code::NotFound);

        let id = world
            .prepare(&owner, wanted(cover, 320, 180, ""))
            .await
            .unwrap();
        world.until(&owner, &id, Wire::Succeeded).await;
        for id in [id, ExportId::new(world.harness.clock()).to_string()] {
            let status = world.status(&stranger, &id).await;
            assert_refused(status, Code::NotFound, "EXPORT_NOT_FOUND");
            let file = world.download(&stranger, &id).await;
            assert_refused(file, Code::NotFound, "EXPORT_NOT_FOUND");
        }
        let malformed = world.status(&owner, "exp_1").await;
        assert_refused(malformed, Code::InvalidArgument, "INVALID_REQUEST");
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_wrong_request_is_refused_with_every_fault_named() {
    on_both(async |world| {
        let owner = world.harness.creator();
        let cover = world.cover(&owner);
        let request = PrepareRequest {
            preset: "tiktok".to_owned(),
            ..wanted(cover, 320, 0, "png")
        };
        let status = world.prepare(&owner, request).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
        let faults: Vec<String> = status
            .get_details_bad_request()
            .unwrap()
            .field_violations
            .into_iter()
            .map(|violation| violation.field)
            .collect();
        assert_eq!(faults, ["width", "preset"]);
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_design_that_cannot_be_laid_out_again_is_refused_at_once() {
    on_both(async |world| {
        let owner = world.harness.creator();
        let photo = scene(size(1280, 720), false).with_background_picture("photo", [0.5, 0.5]);
        let cover = world.cover_of(&owner, &photo);
        let refused = world.prepare(&owner, wanted(cover, 320, 180, "")).await;
        assert_refused(refused, Code::FailedPrecondition, "DESIGN_NOT_EXPORTABLE");
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_cover_deleted_meanwhile_does_no_harm() {
    on_both(async |world| {
        let owner = world.harness.creator();
        let cover = world.cover(&owner);
        let id = world
            .prepare(&owner, wanted(cover, 320, 180, "webp"))
            .await
            .unwrap();
        world.known.forget_covers();
        world.until(&owner, &id, Wire::Succeeded).await;
        world.harness.stop().await;
    })
    .await;
}
