use covergen_ids::AssetId;
use covergen_proto::media::v1::DeleteAssetsRequest;

use crate::world::{eventually, on_both_with, png};

/// Looks for leftovers all the time.
fn eager(table: &mut toml::Table) {
    table.insert("orphan_after_ms".to_owned(), 200.into());
    table.insert("deletion_lease_ms".to_owned(), 2000.into());
    table.insert("sweep_interval_ms".to_owned(), 100.into());
}

/// Never looks for leftovers while the test runs.
fn idle(table: &mut toml::Table) {
    table.insert("deletion_lease_ms".to_owned(), 3_600_000.into());
}

#[tokio::test]
async fn what_an_upload_that_was_killed_left_is_swept() {
    on_both_with(eager, async |world| {
        // As it is when the process dies after the object was stored and
        // before the asset was: the row came first.
        let key = "media/ab/abcdef.png";
        let path = world.harness.folder().join("objects").join(key);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, png(64, 64, 1)).unwrap();
        let now = world.harness.clock().now_ms();
        let inserted = world
            .sql(&format!(
                "INSERT INTO objects (object_key, workspace_id, state, refs, epoch, touched_at_ms) \
                 VALUES ('{key}', 'wks_system', 'LIVE', 0, 'e', {now})"
            ))
            .await;
        assert_eq!(inserted, 1);
        world.until_no_objects().await;
        // First the object, then, after the lease, the row.
        eventually("the row is gone too", async || {
            world
                .sql("UPDATE objects SET refs = refs WHERE refs = 0")
                .await
                == 0
        })
        .await;
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn the_sweep_leaves_what_an_asset_needs() {
    on_both_with(eager, async |world| {
        let owner = world.harness.creator();
        let kept = world.put(&owner, &png(64, 64, 1)).await;
        let gone = world.put(&owner, &png(64, 64, 2)).await;
        world.sql("UPDATE objects SET touched_at_ms = 0").await;
        let request = DeleteAssetsRequest {
            asset_ids: vec![gone.id],
        };
        world.cover(&owner).delete_assets(request).await.unwrap();
        eventually("one row is left", async || {
            world.sql("UPDATE objects SET refs = refs").await == 1
        })
        .await;
        assert!(world.image(&kept.url).await.is_ok());
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_deletion_that_was_killed_half_way_is_finished_after_a_restart() {
    on_both_with(idle, async |world| {
        let owner = world.harness.creator();
        let put = world.put(&owner, &png(700, 300, 1)).await;
        world.image(&put.variants[0].url).await.unwrap();
        // As if somebody had begun to delete and was killed: the command that
        // comes now must wait for the lease.
        world
            .sql("UPDATE objects SET state = 'DELETING', epoch = 'dead'")
            .await;
        let request = DeleteAssetsRequest {
            asset_ids: vec![put.id],
        };
        world.cover(&owner).delete_assets(request).await.unwrap();
        assert_eq!(world.objects("media").len(), 1);
        let world = world
            .restart(|table| {
                table.insert("deletion_lease_ms".to_owned(), 1000.into());
            })
            .await;
        world.until_no_objects().await;
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_deleted_id_is_remembered_for_a_time() {
    on_both_with(eager, async |world| {
        let owner = world.harness.creator();
        let deleted = [1, 2].map(|_| AssetId::new(world.harness.clock()).to_string());
        let request = DeleteAssetsRequest {
            asset_ids: deleted.to_vec(),
        };
        world.cover(&owner).delete_assets(request).await.unwrap();
        let old = &deleted[0];
        let aged = format!("UPDATE tombstones SET deleted_at_ms = 0 WHERE asset_id = '{old}'");
        assert_eq!(world.sql(&aged).await, 1);
        eventually("the old one is gone", async || world.sql(&aged).await == 0).await;
        let kept = "UPDATE tombstones SET deleted_at_ms = deleted_at_ms";
        assert_eq!(world.sql(kept).await, 1);
        world.harness.stop().await;
    })
    .await;
}
