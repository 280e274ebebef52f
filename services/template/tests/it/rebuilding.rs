//! Popularity is counted anew from the first event, though the log has let its
//! beginning go, while the service runs; nobody is told of a use again.

use std::collections::BTreeMap;
use std::sync::Arc;

use covergen_chassis::{Config, Keeper, REBUILD, Shelf};
use covergen_identity::Principal;
use covergen_ids::EventId;
use covergen_proto::template::v1::{
    DeleteCustomTemplateRequest, TemplateUsed, UpdateCustomTemplateRequest,
};
use covergen_proto::user::v1::UserDeleted;
use covergen_store::JobState;
use prost::Name as _;

use crate::doubles::Tier;
use crate::popularity::{made, tell};
use crate::stage::{World, among_peers_configured, draft, eventually};

/// Something by template.
type ByTemplate<T> = BTreeMap<String, T>;

/// A row of the read model without its template.
#[derive(Debug)]
struct Row {
    workspace: String,
    use_count: i32,
    heat: f64,
    last_used_at_ms: i64,
}

/// Every row of the read model.
async fn rows(world: &World) -> ByTemplate<Row> {
    let sql = "SELECT template_id, workspace_id, use_count, heat, last_used_at_ms
        FROM template_popularity";
    let rows = world.rows(sql).await.into_iter().map(|row| {
        let rest = Row {
            workspace: row.try_get_by_index(1).unwrap(),
            use_count: row.try_get_by_index(2).unwrap(),
            heat: row.try_get_by_index(3).unwrap(),
            last_used_at_ms: row.try_get_by_index(4).unwrap(),
        };
        (row.try_get_by_index(0).unwrap(), rest)
    });
    rows.collect()
}

/// How often each template is counted as used.
pub(crate) async fn counted(world: &World) -> ByTemplate<i64> {
    let rows = rows(world).await.into_iter();
    rows.map(|(id, row)| (id, row.use_count.into())).collect()
}

/// How often it was told of each template that it was used, to be sent or sent.
pub(crate) async fn told(world: &World) -> ByTemplate<i64> {
    let name = TemplateUsed::full_name();
    let sql = format!(
        "SELECT grouping_key, count(*) FROM outbox WHERE name = '{name}' GROUP BY grouping_key"
    );
    let rows = world.rows(&sql).await.into_iter();
    rows.map(|row| {
        let count = row.try_get_by_index(1).unwrap();
        (row.try_get_by_index(0).unwrap(), count)
    })
    .collect()
}

/// What is in `want` is in `rows`. Uses that came at once may be added up in
/// another order, which the last digits of a sum show.
fn assert_holds(rows: &ByTemplate<Row>, want: &ByTemplate<Row>) {
    for (id, want) in want {
        let row = &rows[id];
        assert_eq!(
            (&row.workspace, row.use_count, row.last_used_at_ms),
            (&want.workspace, want.use_count, want.last_used_at_ms),
            "{id}"
        );
        let off = (row.heat - want.heat).abs();
        assert!(off < 1e-9, "{id}: {row:?} for {want:?}");
    }
}

/// Covers are made with each of these templates in turn.
async fn uses(world: &World, who: &Principal, templates: &[&str]) {
    for template in templates {
        let id = EventId::new(world.harness.clock());
        tell(world, who, id, &made(world, who, template)).await;
    }
}

/// Has popularity rebuilt; what became of it.
async fn rebuild(world: &World) -> String {
    let store = world.store().await;
    let id = store.request_job(REBUILD, "template-popularity", "").await;
    let id = id.unwrap();
    eventually("the rebuild ends", async || {
        let job = store.job(&id).await.unwrap().unwrap();
        job.state != JobState::Waiting
    })
    .await;
    let job = store.job(&id).await.unwrap().unwrap();
    assert_eq!(job.state, JobState::Done, "{}", job.detail);
    store.close().await;
    job.detail
}

/// Archives what was told of covers, whose own service does not run, and lets
/// it go from the log as a month later.
async fn archive(world: &World) {
    let hosted = world.harness.hosted();
    let (log, config) = (hosted.events(), hosted.config());
    let objects = covergen_objects::open(&config.objects).await.unwrap();
    let reader = covergen_events::Reader::of(Arc::clone(&log));
    let mut keeper = Keeper::new(Shelf::new(objects, "cover"), reader, config.archive.clone());
    keeper.round(i64::MAX, true).await.unwrap();
    if config.events.url.starts_with("nats:") {
        let client = async_nats::connect(&config.events.url).await.unwrap();
        let name = format!("{}_cover", config.events.namespace);
        let stream = async_nats::jetstream::new(client).get_stream(name).await;
        stream.unwrap().purge().await.unwrap();
        return;
    }
    let archived = BTreeMap::from([("cover".to_owned(), keeper.archived_up_to())]);
    eventually("the log lets its beginning go", async || {
        log.expire(&archived).await.unwrap();
        log.stream_info("cover").await.unwrap().messages == 0
    })
    .await;
}

async fn leaves(world: &World, who: &Principal) {
    let left = UserDeleted {
        user_id: who.user_id.to_string(),
        workspace_id: who.workspace_id.to_string(),
    };
    let id = EventId::new(world.harness.clock());
    let about = (id, left.user_id.as_str(), who.workspace_id);
    world.publish(about, &left).await;
}

fn configure(config: &mut Config) {
    config.archive.max_segment_events = 3;
    if !config.events.url.starts_with("nats:") {
        // The age is judged when the test says so.
        config.events.max_age_days = 0;
    }
}

/// Somebody makes a version of another's template, and leaves: it still is
/// the other's.
async fn help_and_leave(world: &World, owner: &Principal, template: &str) {
    let cyd = world.somebody(Tier::ProPlus);
    let guest = Principal {
        workspace_id: owner.workspace_id,
        ..cyd.clone()
    };
    let versions = format!("SELECT count(*) FROM templates WHERE id = '{template}'");
    let change = UpdateCustomTemplateRequest {
        template_id: template.to_owned(),
        template: Some(draft("House style, revised")),
        ..UpdateCustomTemplateRequest::default()
    };
    let changed = world.person(&guest).update_custom_template(change).await;
    changed.unwrap();
    assert_eq!(world.number(&versions).await, 2);
    leaves(world, &cyd).await;
    eventually("the guest's version is gone", async || {
        world.number(&versions).await == 1
    })
    .await;
}

fn of<const N: usize>(pairs: [(&str, i64); N]) -> ByTemplate<i64> {
    pairs.map(|(id, uses)| (id.to_owned(), uses)).into()
}

/// What is to be counted and told.
struct Uses {
    counted: ByTemplate<i64>,
    told: ByTemplate<i64>,
}

impl Uses {
    async fn come(&self, world: &World, what: &str) {
        eventually(what, async || {
            counted(world).await == self.counted && told(world).await == self.told
        })
        .await;
    }
}

/// Covers are made, most of them longer ago than the log remembers, with
/// templates of which one is deleted and one goes with its owner.
async fn make_covers(world: &World, ada: &Principal) -> Uses {
    let bob = world.somebody(Tier::ProPlus);
    let kept = world.custom(ada, "House style").await.id;
    let dropped = world.custom(ada, "Of last year").await.id;
    let bobs = world.custom(&bob, "Bob's").await.id;
    let repeated = EventId::new(world.harness.clock());
    let swiss = made(world, ada, "swiss");
    for _ in 0..3 {
        tell(world, ada, repeated, &swiss).await;
    }
    // Two of these count for nobody: there is no such template, or it is not
    // bob's.
    uses(world, ada, &["swiss", "no-such", "orbs", &kept, &dropped]).await;
    uses(world, &bob, &[&bobs, &bobs, &kept]).await;
    let first = of([
        ("swiss", 2),
        ("orbs", 1),
        (&kept, 1),
        (&dropped, 1),
        (&bobs, 2),
    ]);
    let first = Uses {
        counted: first.clone(),
        told: first,
    };
    first.come(world, "all is counted and told").await;
    archive(world).await;

    let gone = DeleteCustomTemplateRequest {
        template_id: dropped.clone(),
        ..DeleteCustomTemplateRequest::default()
    };
    let deleted = world.person(ada).delete_custom_template(gone).await;
    deleted.unwrap();
    // These stay in the log alone.
    uses(world, ada, &["orbs", &kept, &dropped]).await;
    leaves(world, &bob).await;
    help_and_leave(world, ada, &kept).await;
    let counted = of([("swiss", 2), ("orbs", 2), (&kept, 2), (&dropped, 2)]);
    let mut told = counted.clone();
    told.insert(bobs, 2);
    let all = Uses { counted, told };
    all.come(world, "more is counted, and bob's is gone").await;
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn popularity_is_rebuilt_from_the_first_event_and_nothing_is_told_again() {
    among_peers_configured(configure, async |world| {
        let ada = world.somebody(Tier::ProPlus);
        let mut all = make_covers(&world, &ada).await;
        let before = rows(&world).await;

        // Somebody broke it.
        for broken in [
            "UPDATE template_popularity SET use_count = 99, heat = 3.5, last_used_at_ms = 1",
            "DELETE FROM template_popularity WHERE template_id = 'swiss'",
        ] {
            world.execute(broken).await;
        }
        let outcome = rebuild(&world).await;
        assert!(
            outcome.starts_with("11 archived events were told"),
            "{outcome}"
        );
        all.come(&world, "all is counted again, without bob's")
            .await;
        assert_holds(&rows(&world).await, &before);

        // And once more, while covers go on being made.
        let (outcome, ()) = tokio::join!(rebuild(&world), uses(&world, &ada, &["retro"; 5]));
        assert!(
            outcome.starts_with("11 archived events were told"),
            "{outcome}"
        );
        for uses in [&mut all.counted, &mut all.told] {
            uses.insert("retro".to_owned(), 5);
        }
        all.come(&world, "what came meanwhile is counted and told")
            .await;
        assert_holds(&rows(&world).await, &before);
        world
    })
    .await;
}
