//! Runs our program and our peers' by turns.

use anyhow::{Context as _, Result};

use super::measure::Samples;
use super::verdict::Verdict;
use crate::process::Program;

/// How to start a program once; called for every round.
pub(super) type Start = Box<dyn Fn() -> Program>;

/// One of our figures beside one of a peer's.
#[derive(Debug, Clone, Copy)]
pub(super) struct Comparison {
    pub(super) peer: &'static str,
    /// Our metric, and the peer's that it stands beside.
    pub(super) metric: &'static str,
    pub(super) peer_metric: &'static str,
    /// The ratio, ours by theirs, to stay at or below.
    pub(super) target: f64,
}

/// Our program, our peers', and what we want to reach.
pub(super) struct Contest {
    pub(super) ours: Start,
    /// How to start the peers, or why they could not be installed.
    pub(super) theirs: Result<Start, String>,
    /// Which of our cases stands beside the peers.
    pub(super) case: &'static str,
    pub(super) comparisons: &'static [Comparison],
}

impl Contest {
    /// Runs both programs once per round, by turns, and compares the medians.
    pub(super) fn run(&self, bench: &str, rounds: usize) -> Result<Vec<Verdict>> {
        let (mut ours, mut theirs) = (Samples::default(), Samples::default());
        for round in 1..=rounds {
            eprintln!("{bench}: round {round} of {rounds}");
            ours.add(&(self.ours)().read()?).context("our program")?;
            if let Ok(start) = &self.theirs {
                theirs.add(&start().read()?).context("our peers' program")?;
            }
        }
        let verdict = |comparison: &Comparison| {
            let peer = match &self.theirs {
                Ok(_) => theirs.median(comparison.peer, comparison.peer_metric),
                Err(why) => Err(why.clone()),
            };
            let own = ours.median(self.case, comparison.metric);
            let own = own.map_err(anyhow::Error::msg).context("our program")?;
            Ok(self.verdict(bench, comparison, own, peer))
        };
        self.comparisons.iter().map(verdict).collect()
    }

    fn verdict(
        &self,
        bench: &str,
        comparison: &Comparison,
        ours: f64,
        peer: Result<f64, String>,
    ) -> Verdict {
        let ratio = peer.as_ref().ok().map(|peer| ours / peer);
        Verdict {
            bench: bench.to_owned(),
            case: self.case.to_owned(),
            metric: comparison.metric.to_owned(),
            ours,
            peer: peer.as_ref().ok().copied(),
            peer_name: comparison.peer.to_owned(),
            ratio,
            target: comparison.target,
            ok: ratio.map(|ratio| ratio <= comparison.target),
            skipped: peer.err(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMPARISON: Comparison = Comparison {
        peer: "them",
        metric: "previewCpuMs",
        peer_metric: "cpuMs",
        target: 0.5,
    };

    fn prints(line: String) -> Start {
        Box::new(move || Program::new("echo").arg(&line))
    }

    fn contest(ours: u32, theirs: Result<&str, String>) -> Verdict {
        let ours = format!("{{\"case\":\"all\",\"previewCpuMs\":{ours}}}");
        let contest = Contest {
            ours: prints(ours),
            theirs: theirs.map(|line| prints(line.to_owned())),
            case: "all",
            comparisons: &[COMPARISON],
        };
        contest.run("bench", 3).expect("runs").remove(0)
    }

    #[test]
    fn a_ratio_at_the_target_is_fine_and_one_above_is_missed() {
        let theirs = "{\"peer\":\"them\",\"cpuMs\":10}";
        assert_eq!(contest(5, Ok(theirs)).ok, Some(true));
        let missed = contest(6, Ok(theirs));
        assert_eq!((missed.ok, missed.peer), (Some(false), Some(10.0)));
    }

    #[test]
    fn a_peer_that_could_not_be_installed_is_a_line_that_says_why() {
        let skipped = contest(5, Err("no such package".into()));
        assert_eq!(skipped.skipped.as_deref(), Some("no such package"));
        assert_eq!((skipped.peer, skipped.ok), (None, None));
    }

    #[test]
    fn a_peer_that_fails_is_a_line_that_says_why() {
        let skipped = contest(5, Ok("{\"peer\":\"them\",\"skipped\":\"crashed\"}"));
        assert_eq!(skipped.skipped.as_deref(), Some("crashed"));
    }
}
