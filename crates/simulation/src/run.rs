//! One run, from its seed to its verdict.

use std::fmt;
use std::time::Duration;

use turmoil::{Builder, Sim};

use crate::checker::{Counts, check, is_quiet};
use crate::hosts::{cover, ledger, log, people, queue, reader};
use crate::plan::{Fault, HEALED_MS, Plan};
use crate::rpc::Ended;
use crate::world::World;
use crate::{Bug, chance};

/// After the last fault everything is in order within this time of the
/// simulated clock.
pub const CONVERGES_WITHIN: Duration = Duration::from_secs(30);

/// The step of the simulated clock.
const TICK: Duration = Duration::from_millis(5);

/// What became of a run.
#[derive(Debug, Clone)]
pub struct Report {
    /// The seed it follows from.
    pub seed: u64,
    /// What is wrong; nothing, if all promises were kept.
    pub wrong: Vec<String>,
    /// Equal for equal histories.
    pub digest: u64,
    /// What it came to.
    pub counts: Counts,
    /// Faults that were injected.
    pub faults: usize,
    /// Simulated time it took.
    pub took: Duration,
    /// What happened, line by line.
    pub history: Vec<String>,
}

impl Report {
    /// Whether all promises were kept.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.wrong.is_empty()
    }
}

/// What is wrong with a run, and how to see it again.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "seed {}:", self.seed)?;
        for wrong in &self.wrong {
            writeln!(f, "  {wrong}")?;
        }
        write!(
            f,
            "see it again: COVERGEN_SIMULATION_SEED={} cargo nextest run -p covergen-simulation \
             -E 'test(every_seed)'\nor its history: cargo run -p covergen-simulation --bin simulate \
             -- --from {} --seeds 1 --history",
            self.seed, self.seed
        )
    }
}

/// Runs the history of a seed, with a mistake planted or none.
#[must_use]
pub fn run(seed: u64, bug: Option<Bug>) -> Report {
    let ran = chance::seeded(seed, move || simulate(seed, bug));
    ran.unwrap_or_else(|panic| Report {
        seed,
        wrong: vec![panic],
        digest: 0,
        counts: Counts::default(),
        faults: 0,
        took: Duration::ZERO,
        history: Vec::new(),
    })
}

fn simulate(seed: u64, bug: Option<Bug>) -> Report {
    let plan = Plan::of(seed);
    let world = World::new(plan.clone(), bug);
    let mut sim = Builder::new()
        .rng_seed(seed)
        .tick_duration(TICK)
        .simulation_duration(Duration::MAX / 2)
        .min_message_latency(Duration::from_millis(1))
        .max_message_latency(Duration::from_millis(40))
        .enable_random_order()
        .build();
    populate(&mut sim, &world);
    let healed = Duration::from_millis(HEALED_MS);
    let mut wrong = Vec::new();
    let mut todo = Schedule::new(&plan);
    loop {
        let now = sim.elapsed();
        chance::set_elapsed(now);
        todo.advance(&mut sim, &world);
        if now >= healed {
            world.heal();
        }
        match sim.step() {
            Ok(all_answered) if all_answered && now >= healed && is_quiet(&world) => break,
            Ok(_) if now >= healed + CONVERGES_WITHIN => break,
            Ok(_) => {}
            Err(error) => {
                wrong.push(format!("a host ended: {error}"));
                break;
            }
        }
    }
    let (counts, found) = check(&world);
    wrong.extend(found);
    let took = sim.elapsed();
    drop(sim);
    let record = std::mem::take(&mut *world.record());
    Report {
        seed,
        wrong,
        digest: record.digest(),
        counts,
        faults: plan.faults.len(),
        took,
        history: record.lines,
    }
}

fn populate<'w>(sim: &mut Sim<'w>, world: &'w World) {
    fn host<'w, Fut: Future<Output = Ended> + 'static>(
        sim: &mut Sim<'w>,
        world: &'w World,
        name: &'static str,
        program: fn(&'static str, World) -> Fut,
    ) {
        sim.host(name, move || program(name, world.clone()));
    }
    host(sim, world, "cover-0", cover::run);
    host(sim, world, "cover-1", cover::run);
    host(sim, world, "ledger", ledger::run);
    host(sim, world, "queue", queue::run);
    host(sim, world, "log", log::run);
    host(sim, world, "reader", reader::run);
    sim.client("people", people::run("people", world.clone()));
}

/// The faults that are still to come, and the ends of those that came.
struct Schedule {
    /// By time; the latest first.
    moments: Vec<(u64, Moment)>,
}

#[derive(Debug, Clone)]
enum Moment {
    Begins(Fault),
    Ends(Fault),
}

impl Schedule {
    fn new(plan: &Plan) -> Self {
        let mut moments = Vec::new();
        for (at_ms, fault) in &plan.faults {
            moments.push((*at_ms, Moment::Begins(fault.clone())));
            if let Some(for_ms) = fault.for_ms() {
                moments.push((at_ms + for_ms, Moment::Ends(fault.clone())));
            }
        }
        moments.sort_by_key(|(at_ms, _)| std::cmp::Reverse(*at_ms));
        Self { moments }
    }

    fn advance(&mut self, sim: &mut Sim<'_>, world: &World) {
        let now_ms = u64::try_from(sim.elapsed().as_millis()).unwrap_or(u64::MAX);
        while let Some((at_ms, _)) = self.moments.last()
            && *at_ms <= now_ms
            && let Some((_, moment)) = self.moments.pop()
        {
            let at_ms = i64::try_from(now_ms).unwrap_or(i64::MAX);
            world.note_at(at_ms, "world", format_args!("{moment:?}"));
            match moment {
                Moment::Begins(fault) => begin(sim, world, &fault),
                Moment::Ends(fault) => end(sim, &fault),
            }
        }
    }
}

impl Fault {
    fn for_ms(&self) -> Option<u64> {
        match self {
            Self::Crash { for_ms, .. } | Self::Cut { for_ms, .. } | Self::Slow { for_ms, .. } => {
                Some(*for_ms)
            }
            Self::Skew { .. } => None,
        }
    }
}

fn begin(sim: &mut Sim<'_>, world: &World, fault: &Fault) {
    match *fault {
        Fault::Crash { host, .. } => sim.crash(host),
        Fault::Cut {
            from, to, one_way, ..
        } if one_way => sim.partition_oneway(from, to),
        Fault::Cut { from, to, .. } => sim.partition(from, to),
        Fault::Slow {
            from,
            to,
            latency_ms,
            ..
        } => sim.set_link_latency(from, to, Duration::from_millis(latency_ms)),
        Fault::Skew { host, ms } => world.skew(host, ms),
    }
}

/// Two faults may overlap; the first that ends ends both.
fn end(sim: &mut Sim<'_>, fault: &Fault) {
    match *fault {
        Fault::Crash { host, .. } => {
            if !sim.is_host_running(host) {
                sim.bounce(host);
            }
        }
        Fault::Cut { from, to, .. } => sim.repair(from, to),
        Fault::Slow { from, to, .. } => {
            sim.set_link_latency(from, to, Duration::from_millis(20));
        }
        Fault::Skew { .. } => {}
    }
}
