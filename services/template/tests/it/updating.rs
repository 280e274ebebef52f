//! What the version before did, when one subscription counted uses and told of
//! them.

use std::collections::BTreeMap;

use covergen_ids::EventId;

use crate::doubles::Tier;
use crate::popularity::{made, tell};
use crate::rebuilding::{counted, told};
use crate::stage::{self, among_peers_configured, eventually};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_counted_and_told_before_an_update_is_not_after_it() {
    among_peers_configured(
        |_| {},
        async |world| {
            let ada = world.somebody(Tier::Free);
            let id = || EventId::new(world.harness.clock());
            for template in ["swiss", "orbs"] {
                tell(&world, &ada, id(), &made(&world, &ada, template)).await;
            }
            let mut uses = BTreeMap::from(["swiss", "orbs"].map(|id| (id.to_owned(), 1)));
            eventually("both are counted and told", async || {
                counted(&world).await == uses && told(&world).await == uses
            })
            .await;

            // As that version left it: it had one consumer and two migrations.
            let world = world.restart(Vec::new()).await;
            for older in [
                "DELETE FROM inbox WHERE consumer <> 'template'",
                "DELETE FROM schema_migrations WHERE name = 'template_0003_uses_told'",
            ] {
                world.execute(older).await;
            }
            let log = world.known.events();
            let had = log.delete_consumer("cover", "template-uses").await;
            assert!(had.unwrap());

            let world = world.restart(stage::services()).await;
            let id = EventId::new(world.harness.clock());
            tell(&world, &ada, id, &made(&world, &ada, "retro")).await;
            uses.insert("retro".to_owned(), 1);
            eventually("the next one is counted and told", async || {
                let uses = (counted(&world).await, told(&world).await);
                uses.0.contains_key("retro") && uses.1.contains_key("retro")
            })
            .await;
            assert_eq!(counted(&world).await, uses);
            assert_eq!(told(&world).await, uses);
            world
        },
    )
    .await;
}
