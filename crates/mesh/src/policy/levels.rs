//! What only the levels together can be wrong about: each says something that
//! is right by itself, and what comes of them holds for a target.

use std::collections::BTreeSet;

use super::{Known, MeshPolicy, reader::Node};
use crate::config::{Policy, PolicyConfig};

/// A time and the longest there is of it, which may stand on different levels.
struct Span {
    place: &'static str,
    least: (&'static str, fn(&PolicyConfig) -> Option<u32>),
    most: (&'static str, fn(&PolicyConfig) -> Option<u32>),
    in_force: fn(&Policy) -> (std::time::Duration, std::time::Duration),
}

const SPANS: [Span; 2] = [
    Span {
        place: "circuitBreaker",
        least: ("baseOpenTime", |level| level.breaker_open_min_ms),
        most: ("maxOpenTime", |level| level.breaker_open_max_ms),
        in_force: |policy| (policy.breaker_open_min, policy.breaker_open_max),
    },
    Span {
        place: "retryPolicy",
        least: ("initialBackoff", |level| level.retry_backoff_min_ms),
        most: ("maxBackoff", |level| level.retry_backoff_max_ms),
        in_force: |policy| (policy.retry_backoff_min, policy.retry_backoff_max),
    },
];

impl Span {
    fn is_named(&self, level: &PolicyConfig) -> bool {
        (self.least.1)(level).is_some() || (self.most.1)(level).is_some()
    }

    /// Notes what is wrong with what these levels come to; tells whether it is right.
    fn judge(&self, root: &Node<'_>, at: &str, levels: &[&PolicyConfig]) -> bool {
        let (least, most) = (self.in_force)(&Policy::resolve(levels));
        if least <= most {
            return true;
        }
        root.fail_at(
            format!("{at}.{}", self.place),
            format!(
                "`{}` must not be longer than `{}`: with what the other levels say they are {least:?} and {most:?}",
                self.least.0, self.most.0
            ),
        );
        false
    }
}

impl MeshPolicy {
    /// Judges what holds for each target, and for one that nobody names.
    pub(super) fn check_levels(&self, root: &Node<'_>, known: &Known) {
        let nothing = PolicyConfig::default();
        let shared = [&self.defaults.numbers, &known.defaults];
        let names: BTreeSet<&String> = self.targets.keys().chain(known.targets.keys()).collect();
        for span in &SPANS {
            let is_right = span.judge(root, "defaults", &shared);
            for name in &names {
                let own = self.targets.get(*name);
                let own = own.map_or(&nothing, |target| &target.numbers);
                let configured = known.targets.get(*name).unwrap_or(&nothing);
                // What is wrong with the defaults is told once.
                if is_right || span.is_named(own) || span.is_named(configured) {
                    let levels = [own, shared[0], configured, shared[1]];
                    span.judge(root, &format!("targets.{name}"), &levels);
                }
            }
        }
    }
}
