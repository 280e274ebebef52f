//! Runs our program and our peers' by turns.

use anyhow::{Context as _, Result};

use super::measure::Samples;
use super::verdict::Verdict;
use crate::process::Program;

/// How to start a program once; called for every round.
pub(super) type Start = Box<dyn Fn() -> Program>;

/// One of our figures and what it is held against.
#[derive(Debug, Clone, Copy)]
pub(super) struct Comparison {
    /// Our case and its metric.
    pub(super) case: &'static str,
    pub(super) metric: &'static str,
    pub(super) standard: Standard,
}

impl Comparison {
    /// Beside the same figure of another, whose case has this name.
    pub(super) const fn with(
        case: &'static str,
        metric: &'static str,
        name: &'static str,
        ratio: f64,
    ) -> Self {
        Self {
            case,
            metric,
            standard: Standard::Peer {
                name,
                metric,
                ratio,
            },
        }
    }

    /// Beside a limit in its own unit.
    pub(super) const fn within(case: &'static str, metric: &'static str, limit: f64) -> Self {
        Self {
            case,
            metric,
            standard: Standard::Limit(limit),
        }
    }
}

/// What a figure of ours is held against.
#[derive(Debug, Clone, Copy)]
pub(super) enum Standard {
    /// A peer's figure, and the ratio, ours by theirs, to stay at or below.
    Peer {
        name: &'static str,
        metric: &'static str,
        ratio: f64,
    },
    /// A limit in the metric's own unit, where there is nobody to compare with.
    Limit(f64),
}

/// Who measures the peers.
pub(super) enum Peers {
    /// A program of theirs that takes turns with ours.
    Program(Start),
    /// Our program does, between its own measurements.
    Ours,
    /// Nobody, because they could not be installed.
    Missing(String),
}

/// Our program, our peers', and what we want to reach.
pub(super) struct Contest {
    pub(super) ours: Start,
    pub(super) peers: Peers,
    pub(super) comparisons: &'static [Comparison],
}

impl Contest {
    /// Runs both programs once per round, by turns, and compares the medians.
    pub(super) fn run(&self, bench: &str, rounds: usize) -> Result<Vec<Verdict>> {
        let mut samples = Samples::default();
        for round in 1..=rounds {
            eprintln!("{bench}: round {round} of {rounds}");
            samples.add(&(self.ours)().read()?).context("our program")?;
            if let Peers::Program(start) = &self.peers {
                samples
                    .add(&start().read()?)
                    .context("our peers' program")?;
            }
        }
        let verdict = |comparison: &Comparison| {
            let own = samples.median(comparison.case, comparison.metric);
            let own = own.map_err(anyhow::Error::msg).context("our program")?;
            Ok(self.verdict(bench, comparison, own, &samples))
        };
        self.comparisons.iter().map(verdict).collect()
    }

    fn verdict(
        &self,
        bench: &str,
        comparison: &Comparison,
        ours: f64,
        samples: &Samples,
    ) -> Verdict {
        let blank = Verdict {
            bench: bench.to_owned(),
            case: comparison.case.to_owned(),
            metric: comparison.metric.to_owned(),
            ours,
            ..Verdict::default()
        };
        let (name, metric, target) = match comparison.standard {
            Standard::Peer {
                name,
                metric,
                ratio,
            } => (name, metric, ratio),
            Standard::Limit(limit) => {
                return Verdict {
                    target: limit,
                    ok: Some(ours <= limit),
                    ..blank
                };
            }
        };
        let peer = match &self.peers {
            Peers::Missing(why) => Err(why.clone()),
            Peers::Program(_) | Peers::Ours => samples.median(name, metric),
        };
        let ratio = peer.as_ref().ok().map(|peer| ours / peer);
        Verdict {
            peer: peer.as_ref().ok().copied(),
            peer_name: Some(name.to_owned()),
            ratio,
            target,
            ok: ratio.map(|ratio| ratio <= target),
            skipped: peer.err(),
            ..blank
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AGAINST_A_PEER: Comparison = Comparison {
        case: "all",
        metric: "previewCpuMs",
        standard: Standard::Peer {
            name: "them",
            metric: "cpuMs",
            ratio: 0.5,
        },
    };
    const AGAINST_A_LIMIT: Comparison = Comparison {
        standard: Standard::Limit(5.0),
        ..AGAINST_A_PEER
    };

    fn prints(line: String) -> Start {
        Box::new(move || Program::new("echo").arg(&line))
    }

    fn contest(ours: u32, peers: Peers) -> [Verdict; 2] {
        let ours = format!("{{\"case\":\"all\",\"previewCpuMs\":{ours}}}");
        let contest = Contest {
            ours: prints(ours),
            peers,
            comparisons: &[AGAINST_A_PEER, AGAINST_A_LIMIT],
        };
        let verdicts = contest.run("bench", 3).expect("runs");
        verdicts.try_into().expect("one verdict per comparison")
    }

    fn program(line: &str) -> Peers {
        Peers::Program(prints(line.to_owned()))
    }

    #[test]
    fn a_ratio_at_the_target_is_fine_and_one_above_is_missed() {
        let theirs = "{\"peer\":\"them\",\"cpuMs\":10}";
        let [fine, _] = contest(5, program(theirs));
        assert_eq!((fine.ok, fine.ratio), (Some(true), Some(0.5)));
        let [missed, _] = contest(6, program(theirs));
        assert_eq!((missed.ok, missed.peer), (Some(false), Some(10.0)));
    }

    #[test]
    fn a_limit_needs_no_peer_and_is_held_in_its_own_unit() {
        let [_, fine] = contest(5, Peers::Missing("no such package".into()));
        assert_eq!((fine.ok, fine.target), (Some(true), 5.0));
        assert_eq!(
            (fine.peer, fine.peer_name, fine.skipped),
            (None, None, None)
        );
        let [_, missed] = contest(6, Peers::Missing("no such package".into()));
        assert_eq!(missed.ok, Some(false));
    }

    #[test]
    fn our_own_program_may_measure_the_peer() {
        let lines = "{\"case\":\"all\",\"previewCpuMs\":4}\n{\"peer\":\"them\",\"cpuMs\":10}";
        let contest = Contest {
            ours: prints(lines.to_owned()),
            peers: Peers::Ours,
            comparisons: &[AGAINST_A_PEER],
        };
        let verdict = contest.run("bench", 3).expect("runs").remove(0);
        assert_eq!((verdict.ratio, verdict.ok), (Some(0.4), Some(true)));
    }

    #[test]
    fn a_peer_that_could_not_be_installed_is_a_line_that_says_why() {
        let [skipped, _] = contest(5, Peers::Missing("no such package".into()));
        assert_eq!(skipped.skipped.as_deref(), Some("no such package"));
        assert_eq!((skipped.peer, skipped.ok), (None, None));
    }

    #[test]
    fn a_peer_that_fails_is_a_line_that_says_why() {
        let [skipped, _] = contest(5, program("{\"peer\":\"them\",\"skipped\":\"crashed\"}"));
        assert_eq!(skipped.skipped.as_deref(), Some("crashed"));
    }
}
