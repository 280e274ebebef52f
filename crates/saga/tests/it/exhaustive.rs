//! Every point of every story, with every fault, alone and in pairs.

use covergen_saga::Finish;

use crate::checker::check;
use crate::world::{Fault, Script, World, reason};

const FAULTS: [Fault; 3] = [Fault::Crash, Fault::Error, Fault::Cancel];

/// The stories, without faults: how the task goes by itself.
fn stories() -> Vec<(&'static str, Script)> {
    let patient = Script {
        max_attempts: 5,
        ..Script::default()
    };
    let mut stories = vec![("plain", patient.clone())];
    for step in ["reserve", "look", "upload", "commit"] {
        // Refused once only: a worker that forgot its decision would get through.
        for times in [1, usize::MAX] {
            let script = Script {
                refused: Some((step, times)),
                ..patient.clone()
            };
            stories.push((step, script));
        }
        let script = Script {
            failing: Some((step, 2)),
            ..patient.clone()
        };
        stories.push((step, script));
    }
    let hasty = Script {
        max_attempts: 1,
        failing: Some(("look", 1)),
        ..Script::default()
    };
    stories.push(("hasty", hasty));
    stories
}

async fn play(script: Script) -> (World, Finish) {
    let world = World::new(script);
    let end = world.to_the_end().await;
    (world, end)
}

/// Plays a story with faults and checks how it ended.
async fn judge(name: &str, script: &Script, faults: &[(usize, Fault)]) {
    let script = Script {
        faults: faults.iter().copied().collect(),
        ..script.clone()
    };
    let (world, end) = play(script).await;
    if let Err(wrong) = check(&world, &end) {
        let deeds = world.inner().deeds.clone();
        panic!("{name} with {faults:?} ended {end:?}: {wrong}\n{deeds:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_plain_story_does_every_step_once_and_reports_growing_progress() {
    let (world, end) = play(stories().remove(0).1).await;
    assert_eq!(end, Finish::Succeeded);
    assert_eq!(world.inner().deeds.len(), 5, "each step once");
    assert_eq!(
        world.inner().progress,
        80,
        "the last step ends with the task"
    );
    check(&world, &end).unwrap();
}

#[tokio::test(start_paused = true)]
async fn one_fault_at_any_point_leaves_everything_or_nothing() {
    for (name, script) in stories() {
        let (world, _) = play(script.clone()).await;
        let points = world.inner().points;
        for point in 1..=points {
            for fault in FAULTS {
                judge(name, &script, &[(point, fault)]).await;
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn two_faults_at_any_points_leave_everything_or_nothing() {
    for (name, script) in stories() {
        let (world, _) = play(script.clone()).await;
        // A fault makes the story longer: the second one may fall into that.
        let points = world.inner().points + 12;
        for first in 1..points {
            for second in first + 1..=points {
                for (one, two) in [
                    (Fault::Crash, Fault::Crash),
                    (Fault::Error, Fault::Crash),
                    (Fault::Cancel, Fault::Crash),
                    (Fault::Crash, Fault::Cancel),
                    (Fault::Cancel, Fault::Error),
                ] {
                    judge(name, &script, &[(first, one), (second, two)]).await;
                }
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_reason_of_a_refusal_survives_a_crash_in_the_middle_of_undoing() {
    let script = Script {
        refused: Some(("upload", usize::MAX)),
        max_attempts: 5,
        ..Script::default()
    };
    let points = play(script.clone()).await.0.inner().points;
    for point in 1..=points {
        let script = Script {
            faults: [(point, Fault::Crash)].into(),
            ..script.clone()
        };
        let (_, end) = play(script).await;
        assert!(matches!(end, Finish::Fatal(_)), "{point}: {end:?}");
        assert_eq!(reason(&end), "REFUSED", "crash at {point}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_task_ends_cancelled_whatever_crashes_on_the_way_back() {
    let script = Script {
        max_attempts: 5,
        ..Script::default()
    };
    // Asked while the second step is at work.
    let asked = (5, Fault::Cancel);
    for point in 6..20 {
        let script = Script {
            faults: [asked, (point, Fault::Crash)].into(),
            ..script.clone()
        };
        let (world, end) = play(script).await;
        assert!(matches!(end, Finish::Cancelled(_)), "{point}: {end:?}");
        check(&world, &end).unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_step_undoes_those_before_it_in_reverse() {
    let script = Script {
        refused: Some(("commit", usize::MAX)),
        max_attempts: 3,
        ..Script::default()
    };
    let (world, end) = play(script).await;
    check(&world, &end).unwrap();
    let deeds = format!("{:?}", world.inner().deeds);
    assert_eq!(
        deeds,
        r#"[Ran("reserve"), Ran("look"), Ran("upload"), Undid("upload"), Undid("reserve")]"#
    );
}

#[tokio::test(start_paused = true)]
async fn a_compensation_that_never_works_calls_an_operator() {
    let script = Script {
        refused: Some(("commit", usize::MAX)),
        stuck: Some(("reserve", usize::MAX)),
        max_attempts: 3,
        ..Script::default()
    };
    let (world, end) = play(script).await;
    assert!(matches!(end, Finish::NeedsOperator(_)), "{end:?}");
    assert_eq!(reason(&end), "COMPENSATION_FAILED");
    assert!(world.inner().effects.contains("reserve"));
}

#[tokio::test(start_paused = true)]
async fn a_compensation_whose_peer_is_away_for_a_while_works_in_the_end() {
    let script = Script {
        refused: Some(("commit", usize::MAX)),
        stuck: Some(("reserve", 23)),
        max_attempts: 1,
        ..Script::default()
    };
    let (world, end) = play(script).await;
    assert!(matches!(end, Finish::Fatal(_)), "{end:?}");
    check(&world, &end).unwrap();
}
