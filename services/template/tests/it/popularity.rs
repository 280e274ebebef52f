use covergen_events::{ConsumerInfo, Position};
use covergen_identity::Principal;
use covergen_ids::{CoverId, EventId, TaskId};
use covergen_proto::cover::v1::CoverGenerated;
use covergen_proto::events::v1::Envelope;
use covergen_proto::template::v1::{
    GetTemplateRequest, ListPopularRequest, Template, TemplateUsed,
};
use prost::{Message as _, Name as _};

use crate::doubles::Tier;
use crate::stage::{World, among_peers, eventually, listed, web};

/// Covers of somebody's, made with a template.
pub(crate) fn made(world: &World, who: &Principal, template: &str) -> CoverGenerated {
    let clock = world.harness.clock();
    CoverGenerated {
        task_id: TaskId::new(clock).to_string(),
        user_id: who.user_id.to_string(),
        cover_ids: vec![CoverId::new(clock).to_string(); 3],
        template_id: template.to_owned(),
        template_version: 1,
        ..CoverGenerated::default()
    }
}

pub(crate) async fn tell(world: &World, who: &Principal, id: EventId, event: &CoverGenerated) {
    let about = (id, event.task_id.as_str(), who.workspace_id);
    world.publish(about, event).await;
}

async fn template(world: &World, who: &Principal, id: &str) -> Template {
    let request = GetTemplateRequest {
        template_id: id.to_owned(),
    };
    let found = world.person(who).get_template(request).await;
    found.unwrap().into_inner()
}

/// How often template told of a use.
async fn told(world: &World, id: &str) -> Vec<TemplateUsed> {
    let events = world.known.events();
    let read = events.read("template", Position::Beginning, 1_000).await;
    let envelopes = read.unwrap().into_iter();
    let envelopes = envelopes.map(|stored| Envelope::decode(stored.record.payload).unwrap());
    envelopes
        .filter(|envelope| envelope.r#type == TemplateUsed::full_name())
        .map(|envelope| TemplateUsed::decode(envelope.data).unwrap())
        .filter(|used| used.template_id == id)
        .collect()
}

/// Everything that was told is counted. That the last of it is does not say so:
/// what had to be tried again is overtaken meanwhile.
async fn eventually_heard(world: &World) {
    let events = world.known.events();
    eventually("all that was told is heard", async || {
        for consumer in ["template", "template-uses"] {
            let nothing_left = ConsumerInfo {
                pending: 0,
                in_flight: 0,
            };
            let info = events.consumer_info("cover", consumer).await;
            if info.ok() != Some(nothing_left) {
                return false;
            }
        }
        true
    })
    .await;
}

#[tokio::test]
async fn uses_make_templates_popular_and_an_event_counts_once() {
    among_peers(async |world| {
        let ada = world.somebody(Tier::Free);
        let id = || EventId::new(world.harness.clock());
        let repeated = (id(), made(world, &ada, "swiss"));
        for _ in 0..3 {
            tell(world, &ada, repeated.0, &repeated.1).await;
        }
        for _ in 0..2 {
            tell(world, &ada, id(), &made(world, &ada, "orbs")).await;
        }
        // What nobody has is counted nowhere; what comes after it is.
        tell(world, &ada, id(), &made(world, &ada, "no-such")).await;
        tell(world, &ada, id(), &made(world, &ada, "retro")).await;
        eventually_heard(world).await;
        assert_eq!(template(world, &ada, "retro").await.use_count, 1);

        let swiss = template(world, &ada, "swiss").await;
        assert_eq!(swiss.use_count, 1, "a repeated event counts once");
        let orbs = template(world, &ada, "orbs").await;
        assert_eq!(orbs.use_count, 2);
        assert!(orbs.popularity_score > swiss.popularity_score);
        // Within the day a use weighs one, or as good as.
        assert!((0.9..=1.0).contains(&swiss.popularity_score), "{swiss:?}");

        let popular = web(&world.harness)
            .list_popular(ListPopularRequest::default())
            .await;
        let popular = popular.unwrap().into_inner().templates;
        let ids: Vec<&str> = popular.iter().map(|one| one.id.as_str()).collect();
        assert_eq!(ids[0], "orbs");
        assert!(
            ids[1..3].contains(&"swiss") && ids[1..3].contains(&"retro"),
            "{ids:?}"
        );
        assert_eq!(
            popular.len(),
            listed(&world.harness, "").await.len().min(20)
        );

        eventually("every use is told", async || {
            told(world, "orbs").await.len() == 2
                && told(world, "retro").await.len() == 1
                && !told(world, "swiss").await.is_empty()
        })
        .await;
        let told = told(world, "swiss").await;
        assert_eq!(told.len(), 1);
        assert_eq!(
            (told[0].version, told[0].cover_count, told[0].use_count),
            (1, 3, 1)
        );
    })
    .await;
}

#[tokio::test]
async fn only_its_own_workspace_makes_a_custom_template_popular() {
    among_peers(async |world| {
        let (ada, eve) = (world.somebody(Tier::ProPlus), world.somebody(Tier::ProPlus));
        let custom = world.custom(&ada, "House style").await;
        let id = || EventId::new(world.harness.clock());
        tell(world, &eve, id(), &made(world, &eve, &custom.id)).await;
        tell(world, &ada, id(), &made(world, &ada, &custom.id)).await;
        tell(world, &eve, id(), &made(world, &eve, "swiss")).await;
        eventually_heard(world).await;
        assert_eq!(template(world, &ada, "swiss").await.use_count, 1);
        let after = template(world, &ada, &custom.id).await;
        assert_eq!(after.use_count, 1);
        assert_eq!(after.etag, custom.etag, "a use is no change");
    })
    .await;
}
