//! Many covers at once.

use covergen_identity::Principal;
use covergen_proto::cover::v1::bulk::Status;
use covergen_proto::cover::v1::bulk_row_result::State;
use covergen_proto::cover::v1::{
    Bulk, BulkGenerateRequest, BulkRow, BulkRowResult, GetBulkRequest, ListBulkRowsRequest,
    ListBulksRequest, ListCoversRequest, Size, WatchBulkRequest,
};
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::world::World;

pub(crate) fn thumbnail() -> Size {
    Size {
        preset: "thumbnail".to_owned(),
        width: 0,
        height: 0,
    }
}

pub(crate) fn rows(count: usize) -> BulkGenerateRequest {
    BulkGenerateRequest {
        rows: (1..=count)
            .map(|row| BulkRow {
                title: format!("Row {row}"),
                reference: format!("sku-{row}"),
                ..BulkRow::default()
            })
            .collect(),
        sizes: vec![thumbnail()],
        formats: vec!["jpeg".to_owned()],
        template_id: "swiss".to_owned(),
        name: "Catalogue".to_owned(),
        ..BulkGenerateRequest::default()
    }
}

pub(crate) async fn bulk(world: &World, who: &Principal, id: &str) -> Bulk {
    let request = GetBulkRequest {
        bulk_id: id.to_owned(),
    };
    world
        .covers(who)
        .get_bulk(request)
        .await
        .unwrap()
        .into_inner()
}

/// Waits until a bulk has ended.
pub(crate) async fn eventually_over(world: &World, who: &Principal, id: &str) -> Bulk {
    for _ in 0..1200 {
        let found = bulk(world, who, id).await;
        if found.status() != Status::Running {
            return found;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("{:?} has not ended", bulk(world, who, id).await);
}

pub(crate) async fn all_rows(world: &World, who: &Principal, id: &str) -> Vec<BulkRowResult> {
    let mut found = Vec::new();
    let mut request = ListBulkRowsRequest {
        bulk_id: id.to_owned(),
        page_size: 7,
        ..ListBulkRowsRequest::default()
    };
    loop {
        let page = world.covers(who).list_bulk_rows(request.clone()).await;
        let page = page.unwrap().into_inner();
        found.extend(page.rows);
        if page.next_page_token.is_empty() {
            return found;
        }
        request.page_token = page.next_page_token;
    }
}

async fn every_row_becomes_one_cover_also_across_a_restart(world: World) {
    let ada = world.register_pro_plus("ada").await;
    let mut request = rows(20);
    request.request_id = "once".to_owned();
    let mut covers = world.covers(&ada);
    let first = covers.bulk_generate(request.clone()).await.unwrap();
    let first = first.into_inner();
    assert_eq!((first.status(), first.total_rows), (Status::Running, 20));
    let again = covers.bulk_generate(request).await.unwrap().into_inner();
    assert_eq!(first.bulk_id, again.bulk_id, "a repeat is the same");

    // In the middle of the work everything stops and starts again.
    let world = world.restarted().await;
    let over = eventually_over(&world, &ada, &first.bulk_id).await;
    assert_eq!(over.status(), Status::Succeeded, "{over:?}");
    assert_eq!((over.succeeded_rows, over.progress_percent), (20, 100));

    let found = all_rows(&world, &ada, &first.bulk_id).await;
    assert!(found.iter().map(|row| row.row_number).eq(1..=20));
    for row in &found {
        assert_eq!(row.state(), State::Succeeded);
        assert_eq!(row.covers.len(), 1, "{row:?}");
        let asked = row.row.as_ref().unwrap();
        assert_eq!(asked.title, row.covers[0].title);
        assert_eq!(row.covers[0].bulk_id, first.bulk_id);
    }
    let request = ListCoversRequest {
        bulk_id: first.bulk_id.clone(),
        page_size: 100,
        ..ListCoversRequest::default()
    };
    let listed = world.covers(&ada).list_covers(request).await.unwrap();
    assert_eq!(listed.into_inner().covers.len(), 20);
    assert_eq!(world.quota(&ada).await, (20, 0));
    let mut covers = world.covers(&ada);
    let bulks = covers.list_bulks(ListBulksRequest::default()).await;
    assert_eq!(bulks.unwrap().into_inner().bulks, [over]);
}

#[tokio::test]
async fn every_row_becomes_one_cover_on_sqlite() {
    let world = World::on_sqlite().await;
    Box::pin(every_row_becomes_one_cover_also_across_a_restart(world)).await;
}

#[tokio::test]
async fn every_row_becomes_one_cover_on_postgres() {
    let world = World::on_postgres().await;
    Box::pin(every_row_becomes_one_cover_also_across_a_restart(world)).await;
}

/// Everything a watcher is told. Who is cut off comes back with the last
/// version it saw, as a browser does.
async fn watched(world: &World, who: &Principal, id: &str) -> Vec<Bulk> {
    let mut seen: Vec<Bulk> = Vec::new();
    for _ in 0..100 {
        let request = WatchBulkRequest {
            bulk_id: id.to_owned(),
            after_version: seen.last().map_or(0, |bulk| bulk.version),
        };
        let stream = world.covers(who).watch_bulk(request).await.unwrap();
        let mut stream = stream.into_inner();
        while let Ok(Some(item)) = stream.message().await {
            seen.push(item);
        }
        if seen
            .last()
            .is_some_and(|bulk| bulk.status() != Status::Running)
        {
            return seen;
        }
    }
    panic!("the bulk has not ended: {:?}", seen.last());
}

#[tokio::test]
async fn a_watcher_sees_progress_rise_to_the_end_and_nothing_twice() {
    let world = World::on_sqlite().await;
    let ada = world.register_pro_plus("ada").await;
    let made = world.covers(&ada).bulk_generate(rows(12)).await.unwrap();
    let id = made.into_inner().bulk_id;
    let seen = watched(&world, &ada, &id).await;
    assert!(seen.len() > 1, "{seen:?}");
    assert!(seen.is_sorted_by_key(|item| item.progress_percent));
    assert!(seen.is_sorted_by(|a, b| a.version < b.version), "{seen:?}");
    let last = seen.last().unwrap();
    assert_eq!(
        (last.status(), last.progress_percent),
        (Status::Succeeded, 100)
    );
    // Whoever comes after the end is told it once.
    assert_eq!(watched(&world, &ada, &id).await, std::slice::from_ref(last));
}

#[tokio::test]
async fn csv_rows_are_made_as_json_rows_are() {
    let world = World::on_sqlite().await;
    let ada = world.register_pro_plus("ada").await;
    let request = BulkGenerateRequest {
        csv: "\u{feff}title,subtitle,template_id,seed,sizes\r\n\"One, quoted\",second line,aurora,7,320x180\r\nZwölf Titel,,,,\r\n"
            .to_owned(),
        sizes: vec![thumbnail()],
        template_id: "swiss".to_owned(),
        ..BulkGenerateRequest::default()
    };
    let made = world.covers(&ada).bulk_generate(request).await.unwrap();
    let id = made.into_inner().bulk_id;
    let over = eventually_over(&world, &ada, &id).await;
    assert_eq!(over.status(), Status::Succeeded, "{over:?}");
    let found = all_rows(&world, &ada, &id).await;
    let cover = &found[0].covers[0];
    assert_eq!((cover.title.as_str(), cover.seed), ("One, quoted", 7));
    assert_eq!(cover.template_id, "aurora");
    assert_eq!(found[1].covers[0].title, "Zwölf Titel");
    assert_eq!(found[1].covers[0].template_id, "swiss");
}

#[tokio::test]
async fn every_bad_row_is_named_before_anything_is_made() {
    let world = World::on_sqlite().await;
    let ada = world.register_pro_plus("ada").await;
    let mut request = rows(300);
    for (at, row) in request.rows.iter_mut().enumerate() {
        match at {
            0 => row.template_id = "no-such-template".to_owned(),
            5 => row.palette_id = "no-such-palette".to_owned(),
            _ => {}
        }
    }
    let refused = world.covers(&ada).bulk_generate(request).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument, "{refused:?}");
    let found = refused.get_details_bad_request().unwrap().field_violations;
    let fields: Vec<&str> = found.iter().map(|found| found.field.as_str()).collect();
    assert_eq!(fields, ["rows[0].templateId", "rows[5].paletteId"]);
    assert!(found[1].description.starts_with("row 6: "), "{found:?}");

    let mut request = rows(300);
    for row in &mut request.rows {
        row.title.clear();
    }
    let refused = world.covers(&ada).bulk_generate(request).await.unwrap_err();
    let found = refused.get_details_bad_request().unwrap().field_violations;
    assert!(found.len() > 50 && found.len() <= 100, "{}", found.len());
    let facts = refused.get_details_error_info().unwrap().metadata;
    assert_eq!(facts["violationCount"], "300");
    let mut covers = world.covers(&ada);
    let bulks = covers.list_bulks(ListBulksRequest::default()).await;
    assert!(bulks.unwrap().into_inner().bulks.is_empty());
}

#[tokio::test]
async fn a_tier_without_bulks_is_told_which_has_them() {
    let world = World::on_sqlite().await;
    let ada = world.register("ada").await;
    let refused = world.covers(&ada).bulk_generate(rows(1)).await.unwrap_err();
    assert_eq!(refused.code(), Code::FailedPrecondition);
    let info = refused.get_details_error_info().unwrap();
    assert_eq!(info.reason, "TIER_REQUIRED");
    assert_eq!(info.metadata["requiredTier"], "pro_plus");
}

#[tokio::test]
async fn somebody_elses_bulk_does_not_exist() {
    let world = World::on_sqlite().await;
    let ada = world.register_pro_plus("ada").await;
    let eve = world.register_pro_plus("eve").await;
    let made = world.covers(&ada).bulk_generate(rows(1)).await.unwrap();
    let bulk_id = made.into_inner().bulk_id;
    let get = GetBulkRequest {
        bulk_id: bulk_id.clone(),
    };
    let list = ListBulkRowsRequest {
        bulk_id: bulk_id.clone(),
        ..ListBulkRowsRequest::default()
    };
    let watch = WatchBulkRequest {
        bulk_id: bulk_id.clone(),
        after_version: 0,
    };
    let mut covers = world.covers(&eve);
    let refused = [
        covers.get_bulk(get).await.unwrap_err(),
        covers.list_bulk_rows(list).await.unwrap_err(),
        covers.watch_bulk(watch).await.unwrap_err(),
    ];
    for refused in refused {
        assert_eq!(refused.code(), Code::NotFound, "{refused:?}");
    }
    eventually_over(&world, &ada, &bulk_id).await;
}
