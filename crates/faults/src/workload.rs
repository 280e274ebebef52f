//! People who register, ask for covers and read, at a steady rate whatever
//! becomes of it. Nothing that failed is sent again: each failure counts.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Result;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::log::{Entry, Log};
use crate::person::{Failure, Person};
use crate::site::Site;

/// An account of the free tier has fifty covers a month; some room is left for
/// what was asked for and failed.
const COVERS_EACH: u64 = 40;

/// Few, so that a bulk is done while somebody waits for it.
const ROWS_OF_A_BULK: usize = 2;

/// How long a row waits for what must come in the end: long, so that a machine
/// with other work does not fail it.
pub const PATIENCE: Duration = Duration::from_secs(180);

/// What is asked for, each second.
#[derive(Debug, Clone, Copy)]
pub struct Rates {
    /// Generations.
    pub generations: u32,
    /// Unary reads.
    pub reads: u32,
    /// Covers as files, of those that were made.
    pub exports: u32,
    /// Bulks of a few rows, each minute.
    pub bulks_a_minute: u32,
}

impl Rates {
    /// Nothing.
    pub const NONE: Self = Self {
        generations: 0,
        reads: 0,
        exports: 0,
        bulks_a_minute: 0,
    };
}

/// A kind of request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Call {
    /// Somebody registers.
    Register,
    /// A generation.
    Generate,
    /// A unary read.
    Read,
    /// A cover as a file.
    Export,
    /// Many covers at once.
    Bulk,
}

/// One request that failed.
#[derive(Debug, Clone)]
pub struct Failed {
    /// What was asked.
    pub call: Call,
    /// What came instead of the wanted answer.
    pub failure: Failure,
    /// When it was sent.
    pub sent: Instant,
    /// How long it was waited for in vain.
    pub took: Duration,
}

/// What became of all requests.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// When each that succeeded was sent, by kind.
    succeeded: BTreeMap<Call, Vec<Instant>>,
    /// Each that failed, in the order of their ends.
    pub failed: Vec<Failed>,
    /// What each read took that succeeded, in milliseconds, with when it was
    /// sent.
    took_ms: Vec<(Instant, f64)>,
}

impl Tally {
    /// Requests of a kind that succeeded.
    #[must_use]
    pub fn succeeded(&self, call: Call) -> usize {
        self.succeeded.get(&call).map_or(0, Vec::len)
    }

    /// Requests of a kind that succeeded, of those sent at `from` or later and
    /// before `to`.
    #[must_use]
    pub fn succeeded_between(&self, call: Call, from: Instant, to: Instant) -> usize {
        let sent = self.succeeded.get(&call).into_iter().flatten();
        sent.filter(|at| (from..to).contains(at)).count()
    }

    /// All requests.
    #[must_use]
    pub fn sent(&self) -> usize {
        self.succeeded.values().map(Vec::len).sum::<usize>() + self.failed.len()
    }

    /// The last request of a kind sent at `from` or later that failed.
    #[must_use]
    pub fn last_failure(&self, call: Call, from: Instant) -> Option<Instant> {
        let of_kind = |failed: &&Failed| failed.call == call && failed.sent >= from;
        let failed = self.failed.iter().filter(of_kind);
        failed.map(|failed| failed.sent).max()
    }

    /// The request that took longest to fail.
    #[must_use]
    pub fn longest_failure(&self) -> Option<&Failed> {
        self.failed.iter().max_by_key(|failed| failed.took)
    }

    /// The slowest of a share of the reads sent in a time, in milliseconds: 0.99
    /// gives the 99th percentile.
    #[must_use]
    pub fn read_ms(&self, share: f64, from: Instant, to: Instant) -> Option<f64> {
        let sent_then = |(sent, _): &&(Instant, f64)| (from..to).contains(sent);
        let reads = self.took_ms.iter().filter(sent_then);
        let mut took: Vec<f64> = reads.map(|(_, ms)| *ms).collect();
        took.sort_by(f64::total_cmp);
        #[allow(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss
        )] // An index near the end of a list.
        let at = (took.len() as f64 * share) as usize;
        took.get(at.min(took.len().saturating_sub(1))).copied()
    }

    /// Failures by kind of call and of failure.
    #[must_use]
    pub fn failures(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for Failed { call, failure, .. } in &self.failed {
            *counts.entry(format!("{call:?}: {failure}")).or_default() += 1;
        }
        counts
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sent, failed) = (self.sent(), self.failed.len());
        write!(f, "{failed} of {sent} failed")?;
        for (kind, count) in self.failures() {
            write!(f, "; {count} × {kind}")?;
        }
        Ok(())
    }
}

/// A workload that runs.
pub struct Workload {
    shared: Arc<Shared>,
    stop: watch::Sender<bool>,
    running: JoinHandle<()>,
}

struct Shared {
    site: Site,
    log: Log,
    tally: Mutex<Tally>,
    people: Mutex<Vec<Person>>,
    tasks: Mutex<Vec<(Person, String)>>,
    exports: Mutex<Vec<(Person, String)>>,
    bulks: Mutex<Vec<(Person, String)>>,
    name: String,
    asked: AtomicU64,
    /// Of these, by whom registered last.
    asked_by_last: AtomicU64,
    /// Place among the tasks of the next whose cover is wanted as a file.
    exported: AtomicUsize,
    bulked: AtomicU64,
    registered: AtomicU64,
}

impl Workload {
    /// Begins; the first person has registered when this returns. Titles and
    /// addresses start with `name`; what is acknowledged goes into a file below
    /// `folder`.
    ///
    /// # Errors
    /// The log cannot be opened, or nobody can register.
    pub async fn start(site: &Site, folder: &Path, name: &str, rates: Rates) -> Result<Self> {
        let shared = Arc::new(Shared {
            site: site.clone(),
            log: Log::open(&folder.join(format!("{name}.jsonl")))?,
            tally: Mutex::default(),
            people: Mutex::default(),
            tasks: Mutex::default(),
            exports: Mutex::default(),
            bulks: Mutex::default(),
            name: name.to_owned(),
            asked: AtomicU64::new(0),
            asked_by_last: AtomicU64::new(0),
            exported: AtomicUsize::new(0),
            bulked: AtomicU64::new(0),
            registered: AtomicU64::new(0),
        });
        shared.register().await?;
        let (stop, stopped) = watch::channel(false);
        let running = tokio::spawn(run(Arc::clone(&shared), rates, stopped));
        Ok(Self {
            shared,
            stop,
            running,
        })
    }

    /// Ends: nothing more is sent, what is under way is waited for. The tally
    /// and the log.
    ///
    /// # Errors
    /// It has panicked.
    pub async fn stop(self) -> Result<Done> {
        let Self {
            shared,
            stop,
            running,
        } = self;
        // It may have ended by itself, which joining it tells.
        let _ = stop.send(true);
        running.await?;
        let (tally, tasks) = (lock(&shared.tally).clone(), lock(&shared.tasks).clone());
        let (exports, bulks) = (lock(&shared.exports).clone(), lock(&shared.bulks).clone());
        Ok(Done {
            tally,
            tasks,
            exports,
            bulks,
            shared,
        })
    }

    /// What became of what was sent so far.
    #[must_use]
    pub fn tally(&self) -> Tally {
        lock(&self.shared.tally).clone()
    }

    /// Who was promised which task so far.
    #[must_use]
    pub fn tasks(&self) -> Vec<(Person, String)> {
        lock(&self.shared.tasks).clone()
    }

    /// The exports and the bulks that were promised so far.
    #[must_use]
    pub fn others(&self) -> Vec<String> {
        let exports = lock(&self.shared.exports).clone();
        let bulks = lock(&self.shared.bulks).clone();
        exports.into_iter().chain(bulks).map(|(_, id)| id).collect()
    }

    /// Waits until so many more generations were acknowledged.
    ///
    /// # Errors
    /// They were not in time.
    pub async fn acknowledged(&self, more: usize, within: Duration) -> Result<()> {
        self.acknowledged_of(Call::Generate, more, within).await
    }

    /// Waits until so many more requests of a kind succeeded.
    ///
    /// # Errors
    /// They did not in time.
    pub async fn acknowledged_of(&self, call: Call, more: usize, within: Duration) -> Result<()> {
        let before = self.tally().succeeded(call);
        let deadline = Instant::now() + within;
        while self.tally().succeeded(call) < before + more {
            anyhow::ensure!(Instant::now() < deadline, "{}", self.tally());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }
}

/// A workload that has ended.
pub struct Done {
    /// What became of all requests.
    pub tally: Tally,
    /// Who was promised which task.
    pub tasks: Vec<(Person, String)>,
    /// Who was promised which export.
    pub exports: Vec<(Person, String)>,
    /// Who was promised which bulk.
    pub bulks: Vec<(Person, String)>,
    shared: Arc<Shared>,
}

impl Done {
    /// What was asked and answered.
    #[must_use]
    pub fn log(&self) -> &Log {
        &self.shared.log
    }

    /// Waits until every promised task, export and bulk has ended; how many
    /// tasks succeeded.
    ///
    /// # Errors
    /// One has not ended in time.
    pub async fn ended(&self, within: Duration) -> Result<usize> {
        let deadline = Instant::now() + within;
        let mut succeeded = 0;
        for (person, task) in &self.tasks {
            let left = deadline.saturating_duration_since(Instant::now());
            if person.ended(task, left).await? == "SUCCEEDED" {
                succeeded += 1;
            }
        }
        for (person, export) in &self.exports {
            let left = deadline.saturating_duration_since(Instant::now());
            person.export_ended(export, left).await?;
        }
        for (person, bulk) in &self.bulks {
            let left = deadline.saturating_duration_since(Instant::now());
            person.bulk_ended(bulk, left).await?;
        }
        Ok(succeeded)
    }
}

async fn run(shared: Arc<Shared>, rates: Rates, mut stopped: watch::Receiver<bool>) {
    let every = |times: u32, of: Duration| {
        let mut ticks = interval(of / times.max(1));
        // What was late is sent late, not at once: a rate is a rate.
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ticks
    };
    let (second, minute) = (Duration::from_secs(1), Duration::from_secs(60));
    let mut generations = every(rates.generations, second);
    let mut reads = every(rates.reads, second);
    let mut exports = every(rates.exports, second);
    let mut bulks = every(rates.bulks_a_minute, minute);
    let mut calls = JoinSet::new();
    loop {
        tokio::select! {
            _ = stopped.changed() => break,
            _ = generations.tick(), if rates.generations > 0 => {
                let shared = Arc::clone(&shared);
                calls.spawn(async move { shared.generate().await });
            }
            _ = reads.tick(), if rates.reads > 0 => {
                let shared = Arc::clone(&shared);
                calls.spawn(async move { shared.read().await });
            }
            _ = exports.tick(), if rates.exports > 0 => {
                let shared = Arc::clone(&shared);
                calls.spawn(async move { shared.export().await });
            }
            _ = bulks.tick(), if rates.bulks_a_minute > 0 => {
                let shared = Arc::clone(&shared);
                calls.spawn(async move { shared.bulk().await });
            }
            Some(_) = calls.join_next() => {}
        }
    }
    while calls.join_next().await.is_some() {}
}

/// What is kept in these is whole between any two statements.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    fn count<T>(&self, call: Call, sent: Instant, outcome: &Result<T, Failure>) {
        let took = sent.elapsed();
        let mut tally = lock(&self.tally);
        match outcome {
            Ok(_) => {
                tally.succeeded.entry(call).or_default().push(sent);
                if call == Call::Read {
                    tally.took_ms.push((sent, took.as_secs_f64() * 1e3));
                }
            }
            Err(failure) => tally.failed.push(Failed {
                call,
                failure: failure.clone(),
                sent,
                took,
            }),
        }
    }

    fn append(&self, entry: &Entry) {
        // Without its log a run shows nothing.
        self.log.append(entry).expect("the log can be written to");
    }

    async fn register(&self) -> Result<Person, Failure> {
        let n = self.registered.fetch_add(1, Ordering::Relaxed);
        let name = format!("{}-{n}", self.name);
        let sent = Instant::now();
        let registered = Person::register(&self.site, &name).await;
        self.count(Call::Register, sent, &registered);
        let person = registered?;
        let user = person.user.clone();
        self.append(&Entry::Registered { user });
        lock(&self.people).push(person.clone());
        Ok(person)
    }

    fn somebody(&self) -> Option<Person> {
        lock(&self.people).last().cloned()
    }

    async fn generate(&self) {
        let n = self.asked.fetch_add(1, Ordering::Relaxed);
        // Where nobody new gets in, the last one asks for more until somebody
        // does.
        if self.asked_by_last.fetch_add(1, Ordering::Relaxed) >= COVERS_EACH
            && self.register().await.is_ok()
        {
            self.asked_by_last.store(1, Ordering::Relaxed);
        }
        let Some(person) = self.somebody() else {
            return;
        };
        let (key, title) = (format!("{}-{n}", self.name), format!("{} {n}", self.name));
        self.append(&Entry::Asked {
            key: key.clone(),
            user: person.user.clone(),
            title: title.clone(),
        });
        let sent = Instant::now();
        let answer = person.generate(&key, &title).await;
        self.count(Call::Generate, sent, &answer);
        match answer {
            Ok(task) => {
                self.append(&Entry::Acknowledged {
                    key,
                    task: task.clone(),
                });
                lock(&self.tasks).push((person, task));
            }
            Err(Failure { kind, .. }) => self.append(&Entry::Failed { key, kind }),
        }
    }

    /// Asks for the cover of the next task as a file, if it is made by now.
    async fn export(&self) {
        let at = self.exported.load(Ordering::Relaxed);
        let Some((person, task)) = lock(&self.tasks).get(at).cloned() else {
            return;
        };
        let Ok(told) = person.get(&format!("/covers/tasks/{task}")).await else {
            return;
        };
        let status = told["status"].as_str().unwrap_or_default();
        if !matches!(status, "SUCCEEDED" | "FAILED" | "CANCELLED") {
            return;
        }
        let (seq, relaxed) = (Ordering::SeqCst, Ordering::Relaxed);
        let taken = self.exported.compare_exchange(at, at + 1, seq, relaxed);
        let cover = told["covers"][0]["id"].as_str();
        // Another tick may have been faster.
        let (Ok(_), Some(cover)) = (taken, cover) else {
            return;
        };
        let (key, cover) = (format!("{}-file-{at}", self.name), cover.to_owned());
        self.append(&Entry::AskedForFile {
            key: key.clone(),
            cover: cover.clone(),
        });
        let sent = Instant::now();
        let answer = person.export(&key, &cover).await;
        self.count(Call::Export, sent, &answer);
        match answer {
            Ok(export) => {
                self.append(&Entry::FileAcknowledged {
                    key,
                    export: export.clone(),
                });
                lock(&self.exports).push((person, export));
            }
            Err(Failure { kind, .. }) => self.append(&Entry::Failed { key, kind }),
        }
    }

    /// Asks for a few covers at once.
    async fn bulk(&self) {
        let n = self.bulked.fetch_add(1, Ordering::Relaxed);
        let Some(person) = self.somebody() else {
            return;
        };
        let key = format!("{}-many-{n}", self.name);
        let titles: Vec<String> = (0..ROWS_OF_A_BULK)
            .map(|row| format!("{key} {row}"))
            .collect();
        self.append(&Entry::AskedForMany {
            key: key.clone(),
            titles: titles.clone(),
        });
        let sent = Instant::now();
        let answer = person.bulk(&key, &titles).await;
        self.count(Call::Bulk, sent, &answer);
        match answer {
            Ok(bulk) => {
                self.append(&Entry::ManyAcknowledged {
                    key,
                    bulk: bulk.clone(),
                    rows: titles.len(),
                });
                lock(&self.bulks).push((person, bulk));
            }
            Err(Failure { kind, .. }) => self.append(&Entry::Failed { key, kind }),
        }
    }

    async fn read(&self) {
        let Some(person) = self.somebody() else {
            return;
        };
        let last = lock(&self.tasks).last().cloned();
        let n = lock(&self.tally).succeeded(Call::Read);
        let (person, path) = match (n % 4, last) {
            (0, Some((owner, task))) => (owner, format!("/covers/tasks/{task}")),
            (1, _) => (person, "/users/me/quota".to_owned()),
            (2, _) => (person, "/templates".to_owned()),
            _ => (person, "/covers".to_owned()),
        };
        let sent = Instant::now();
        let answer = person.get(&path).await;
        self.count(Call::Read, sent, &answer);
    }
}
