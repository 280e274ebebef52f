//! Random schedules of many faults.

use proptest::prelude::*;

use crate::checker::check;
use crate::world::{Fault, Script, World};

fn schedules() -> impl Strategy<Value = Script> {
    let fault = prop_oneof![
        3 => Just(Fault::Crash),
        3 => Just(Fault::Error),
        1 => Just(Fault::Cancel),
    ];
    let step = prop::sample::select(vec!["reserve", "look", "upload", "commit", "publish"]);
    (
        prop::collection::btree_map(1_usize..80, fault, 0..12),
        prop::option::of((step.clone(), 1_usize..3)),
        prop::option::of((step, 1_usize..4)),
        1_i32..6,
    )
        .prop_map(|(faults, refused, failing, max_attempts)| Script {
            faults,
            // Past the pivot a refusal is for an operator, which is another test.
            refused: refused.filter(|(step, _)| *step != "publish"),
            failing,
            max_attempts,
            ..Script::default()
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_schedule_of_faults_leaves_everything_or_nothing(script in schedules()) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        let world = World::new(script);
        let end = runtime.block_on(world.to_the_end());
        prop_assert_eq!(check(&world, &end), Ok(()));
    }
}
