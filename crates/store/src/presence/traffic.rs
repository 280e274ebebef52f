//! What is under way over the connections of one pool, and whether anybody
//! works at it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio::sync::futures::Notified;

use crate::gate::Permit;

/// For how long a pool whose connections were found dead is not just busy.
const REMEMBERED: Duration = Duration::from_secs(5);
/// A server begins later than it is asked, by what is on its way and by what
/// it does to get ready.
const ON_THE_WAY: Duration = Duration::from_millis(600);
/// By how much two clocks measure the same time differently.
const CLOCKS: Duration = Duration::from_millis(50);
/// What has no answer for so long has somebody look.
pub(crate) const LONG: Duration = Duration::from_millis(300);

tokio::task_local! {
    /// What asks for a connection now.
    static ASKING: UnderWay;
}

/// Statements under way, those that wait for a connection included.
#[derive(Debug)]
pub(crate) struct Traffic {
    /// What nobody works at for so long is in vain.
    still: Duration,
    /// Sessions that are remembered: many times what the pool has, since one
    /// that ended is not taken off, and one that goes on is not to be.
    most_sessions: usize,
    state: Mutex<State>,
    looked: Notify,
}

#[derive(Debug, Default)]
struct State {
    next: u64,
    under_way: BTreeMap<u64, Statement>,
    /// The server's processes behind the connections, the newest last.
    sessions: VecDeque<i32>,
    /// Those whose statements were given up.
    abandoned: Vec<i32>,
    /// When something was last found to be in vain.
    cut: Option<Instant>,
}

#[derive(Debug)]
struct Statement {
    /// None while it waits for a connection.
    sent: Option<Instant>,
    /// Whose turn it is, where that is known.
    session: Option<i32>,
    fate: Fate,
}

/// What was seen of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    NotLookedAt,
    WorkedAt,
    /// The server does nothing for it, or has done it and the answer is late.
    Doubted,
    InVain,
}

/// A session that works for somebody, and for how long already.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Working {
    pub(crate) session: i32,
    pub(crate) since: Duration,
}

/// What a look found of the statements that had had no answer for a while.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Found {
    /// How many nobody works at, and will.
    pub(crate) in_vain: usize,
    /// How many nobody works at, so far.
    pub(crate) doubted: usize,
}

impl Traffic {
    /// Of a pool of so many connections that opens one within `acquire`: half of
    /// that is more than any statement is on its way, and more than one look.
    pub(crate) fn new(max: u32, acquire: Duration) -> Arc<Self> {
        Arc::new(Self {
            still: (acquire / 2).max(LONG * 2),
            most_sessions: 64 * max as usize,
            state: Mutex::default(),
            looked: Notify::new(),
        })
    }

    /// Something that needs a connection first, and has a place among those who
    /// ask for one.
    pub(crate) fn asking(self: &Arc<Self>, room: Option<Permit>) -> UnderWay {
        self.begin(None, None, room)
    }

    /// Something that was sent on a connection, of a session if that is known.
    pub(crate) fn sent(self: &Arc<Self>, session: Option<i32>, now: Instant) -> UnderWay {
        self.begin(Some(now), session, None)
    }

    fn begin(
        self: &Arc<Self>,
        sent: Option<Instant>,
        session: Option<i32>,
        room: Option<Permit>,
    ) -> UnderWay {
        let mut state = self.lock();
        let key = state.next;
        state.next += 1;
        let fate = Fate::NotLookedAt;
        let statement = Statement {
            sent,
            session,
            fate,
        };
        state.under_way.insert(key, statement);
        drop(state);
        UnderWay(Arc::new(Place {
            traffic: Arc::clone(self),
            key,
            _room: room.map(Room),
        }))
    }

    /// A connection was made, to this process of the server.
    pub(crate) fn opened(&self, session: i32) {
        let mut state = self.lock();
        if state.sessions.len() >= self.most_sessions {
            state.sessions.pop_front();
        }
        state.sessions.push_back(session);
    }

    /// The server's processes to ask about; none where nothing has waited long
    /// for its answer.
    pub(crate) fn suspected(&self, now: Instant) -> Vec<i32> {
        let state = self.lock();
        let mut statements = state.under_way.values();
        if statements.any(|statement| statement.waits_long(now).is_some()) {
            // One that is long at work may have been forgotten since it was opened.
            let known = state.under_way.values().filter_map(|one| one.session);
            let forgotten = known.filter(|session| !state.sessions.contains(session));
            let remembered = state.sessions.iter().copied();
            forgotten.chain(remembered).collect()
        } else {
            Vec::new()
        }
    }

    /// Whether there is something to look at.
    pub(crate) fn is_suspect(&self, now: Instant) -> bool {
        !self.suspected(now).is_empty() || !self.lock().abandoned.is_empty()
    }

    /// Sessions that nobody has a connection to any more, which they may not
    /// know; each is told once.
    pub(crate) fn abandoned(&self) -> Vec<i32> {
        std::mem::take(&mut self.lock().abandoned)
    }

    /// Takes in which of them worked for somebody, as asked at a moment. What
    /// had not waited long by then is left for the next look.
    pub(crate) fn judge(&self, working: &[Working], asked: Instant, now: Instant) -> Found {
        let mut state = self.lock();
        let State {
            under_way,
            sessions,
            cut,
            ..
        } = &mut *state;
        // Those whose statement is known work for nobody else.
        let mut others: Vec<_> = working
            .iter()
            .filter(|one| sessions.contains(&one.session))
            .filter(|one| under_way.values().all(|s| s.session != Some(one.session)))
            .collect();
        // Which of them has which statement is not known: the one that was sent
        // first is what somebody has been at for longest, as far as that fits.
        // All have as much leeway, so no other order finds more.
        others.sort_by_key(|one| Reverse(one.since));
        let waiting = under_way.values_mut().filter_map(|statement| {
            let sent = statement.waits_long(asked)?;
            Some((sent, statement))
        });
        let mut waiting: Vec<_> = waiting.collect();
        waiting.sort_by_key(|(sent, _)| *sent);

        let mut found = Found::default();
        for (sent, statement) in waiting {
            // The server looked at some time between the two.
            let age = asked.saturating_duration_since(sent);
            let age_at_most = now.saturating_duration_since(sent);
            let is_worked_at = match statement.session {
                Some(session) => working.iter().any(|one| one.session == session),
                None => {
                    let fits = |one: &&Working| {
                        one.since + ON_THE_WAY >= age && one.since <= age_at_most + CLOCKS
                    };
                    let at = others.iter().position(fits);
                    at.map(|at| others.remove(at)).is_some()
                }
            };
            statement.fate = match (is_worked_at, age >= self.still) {
                (true, _) => Fate::WorkedAt,
                (false, false) => Fate::Doubted,
                (false, true) => Fate::InVain,
            };
            match statement.fate {
                Fate::InVain => {
                    found.in_vain += 1;
                    *cut = Some(now);
                }
                Fate::Doubted => found.doubted += 1,
                Fate::WorkedAt | Fate::NotLookedAt => {}
            }
        }
        drop(state);
        self.looked.notify_waiters();
        found
    }

    /// Whether connections hang, as far as is known: now, or lately.
    pub(crate) fn hangs(&self, now: Instant) -> bool {
        let state = self.lock();
        let mut fates = state.under_way.values().map(|statement| statement.fate);
        fates.any(|fate| matches!(fate, Fate::Doubted | Fate::InVain))
            || state
                .cut
                .is_some_and(|cut| now.saturating_duration_since(cut) < REMEMBERED)
    }

    /// Whether something has waited long for its answer and nobody has looked
    /// yet what becomes of it.
    pub(crate) fn is_unclear(&self, now: Instant) -> bool {
        self.lock().under_way.values().any(|statement| {
            statement.fate == Fate::NotLookedAt && statement.waits_long(now).is_some()
        })
    }

    /// Completes with the next look.
    pub(crate) fn looked(&self) -> Notified<'_> {
        self.looked.notified()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Statement {
    /// When it was sent, where that is long ago and it is not given up.
    fn waits_long(&self, now: Instant) -> Option<Instant> {
        let is_long = |sent: &Instant| now.saturating_duration_since(*sent) >= LONG;
        self.sent
            .filter(is_long)
            .filter(|_| self.fate != Fate::InVain)
    }
}

/// A statement under way, until nobody holds this.
#[derive(Debug, Clone)]
pub(crate) struct UnderWay(Arc<Place>);

#[derive(Debug)]
struct Place {
    traffic: Arc<Traffic>,
    key: u64,
    // Here rather than in the future of every query.
    _room: Option<Room>,
}

struct Room(#[allow(dead_code, reason = "it is held until it is dropped")] Permit);

impl fmt::Debug for Room {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Room")
    }
}

impl UnderWay {
    /// Whether nobody will answer it.
    pub(crate) fn is_in_vain(&self) -> bool {
        self.statement(|statement| statement.fate == Fate::InVain)
    }

    /// Whether it still waits for a connection.
    pub(crate) fn is_waiting(&self) -> bool {
        self.statement(|statement| statement.sent.is_none())
    }

    /// Nobody waits for it any more.
    pub(crate) fn give_up(&self) {
        let mut state = self.0.traffic.lock();
        let State {
            under_way,
            abandoned,
            ..
        } = &mut *state;
        let given_up = under_way.get(&self.0.key);
        let given_up = given_up.filter(|statement| statement.fate == Fate::InVain);
        abandoned.extend(given_up.and_then(|statement| statement.session));
    }

    /// Completes with the next look at it.
    pub(crate) fn looked(&self) -> Notified<'_> {
        self.0.traffic.looked()
    }

    /// Runs what asks a pool for its connection.
    pub(crate) async fn during<F: Future>(self, work: F) -> F::Output {
        ASKING.scope(self, work).await
    }

    fn statement<T>(&self, look: impl FnOnce(&mut Statement) -> T) -> T {
        let mut state = self.0.traffic.lock();
        let statement = state.under_way.get_mut(&self.0.key);
        look(statement.expect("it is taken off when this is dropped"))
    }
}

/// Whatever asked for a connection has it.
pub(crate) fn acquired() {
    let _ = ASKING.try_with(|asking| {
        asking.statement(|statement| statement.sent = Some(Instant::now()));
    });
}

impl Drop for Place {
    fn drop(&mut self) {
        self.traffic.lock().under_way.remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn working(session: i32, since_ms: u64) -> Working {
        Working {
            session,
            since: Duration::from_millis(since_ms),
        }
    }

    fn in_vain(in_vain: usize) -> Found {
        Found {
            in_vain,
            ..Found::default()
        }
    }

    fn doubted(doubted: usize) -> Found {
        Found {
            doubted,
            ..Found::default()
        }
    }

    /// Two sessions, 1 and 2, and a clock.
    fn traffic() -> (Arc<Traffic>, impl Fn(u64) -> Instant) {
        let (traffic, start) = (
            Traffic::new(2, Duration::from_millis(1_500)),
            Instant::now(),
        );
        traffic.opened(1);
        traffic.opened(2);
        (traffic, move |ms| start + Duration::from_millis(ms))
    }

    #[test]
    fn what_nobody_works_at_is_doubted_and_after_a_while_in_vain() {
        let (traffic, at) = traffic();
        let lost = traffic.sent(Some(1), at(0));
        let slow = traffic.sent(Some(2), at(0));
        assert!(traffic.suspected(at(299)).is_empty());
        assert!(!traffic.is_unclear(at(299)) && traffic.is_unclear(at(300)));
        assert_eq!(traffic.suspected(at(300)), [1, 2]);
        let found = traffic.judge(&[working(2, 290)], at(300), at(310));
        assert_eq!(found, doubted(1));
        assert!(traffic.hangs(at(310)) && !lost.is_in_vain());
        assert!(!traffic.is_unclear(at(310)), "it was looked at");

        let found = traffic.judge(&[working(2, 740)], at(750), at(760));
        assert_eq!(found, in_vain(1));
        assert!(lost.is_in_vain() && !slow.is_in_vain());
        assert!(traffic.abandoned().is_empty(), "somebody may have it yet");
        lost.give_up();
        slow.give_up();
        assert!(traffic.is_suspect(at(760)));
        assert_eq!(traffic.abandoned(), [1], "the other may yet be answered");
        drop((lost, slow));
        assert!(!traffic.is_suspect(at(60_000)));
        assert!(traffic.hangs(at(5_700)), "it is remembered for a while");
        assert!(!traffic.hangs(at(5_800)));
    }

    #[test]
    fn who_is_worked_at_after_all_is_doubted_no_more() {
        let (traffic, at) = traffic();
        let late = traffic.sent(Some(1), at(0));
        assert_eq!(traffic.judge(&[], at(400), at(410)), doubted(1));
        let found = traffic.judge(&[working(1, 300)], at(800), at(810));
        assert_eq!(found, Found::default());
        assert!(!traffic.hangs(at(810)) && !late.is_in_vain());
    }

    #[test]
    fn sessions_work_for_statements_of_their_age() {
        let (traffic, at) = traffic();
        let old = traffic.sent(None, at(0));
        let young = traffic.sent(None, at(2_000));
        // One works, for as long as the younger of them waits; and one for
        // longer than either does.
        let sessions = [working(1, 8_000), working(2, 950)];
        let found = traffic.judge(&sessions, at(3_000), at(3_000));
        assert_eq!(found, in_vain(1));
        assert!(old.is_in_vain() && !young.is_in_vain());
    }

    #[test]
    fn in_whatever_order_the_server_names_them_all_that_are_worked_at_are_found() {
        for sessions in [[1, 2], [2, 1]] {
            let (traffic, at) = traffic();
            let older = traffic.sent(None, at(0));
            let younger = traffic.sent(None, at(300));
            let told = sessions.map(|session| match session {
                1 => working(1, 1_990),
                _ => working(2, 1_690),
            });
            let found = traffic.judge(&told, at(2_000), at(2_010));
            assert_eq!(found, Found::default());
            assert!(!older.is_in_vain() && !younger.is_in_vain());
        }
    }

    #[test]
    fn a_server_that_is_long_in_answering_a_look_is_not_held_against_it() {
        let (traffic, at) = traffic();
        let slow = traffic.sent(None, at(0));
        let found = traffic.judge(&[working(1, 1_000)], at(1_000), at(2_500));
        assert_eq!(found, Found::default());
        assert!(!slow.is_in_vain());
    }

    #[test]
    fn a_session_that_was_opened_long_ago_is_asked_about_while_it_works() {
        let (traffic, at) = traffic();
        let long = traffic.sent(Some(1), at(0));
        for session in 3..1_000 {
            traffic.opened(session);
        }
        assert_eq!(traffic.suspected(at(300)).first(), Some(&1));
        drop(long);
    }

    #[test]
    fn other_services_and_known_statements_do_not_count() {
        let (traffic, at) = traffic();
        let known = traffic.sent(Some(1), at(0));
        let unknown = traffic.sent(None, at(0));
        let sessions = [working(1, 990), working(3, 990)];
        let found = traffic.judge(&sessions, at(1_000), at(1_000));
        assert_eq!(found, in_vain(1));
        assert!(unknown.is_in_vain() && !known.is_in_vain());
    }

    #[test]
    fn what_may_have_been_on_its_way_when_the_server_was_asked_is_left_alone() {
        let (traffic, at) = traffic();
        let later = traffic.sent(Some(1), at(1_000));
        let found = traffic.judge(&[], at(1_299), at(9_000));
        assert_eq!(found, Found::default());
        assert!(!later.is_in_vain());
    }

    #[test]
    fn sessions_that_ended_are_forgotten_in_the_end() {
        let (traffic, at) = traffic();
        let waits = traffic.sent(None, at(0));
        for session in 3..1_000 {
            traffic.opened(session);
        }
        let asked = traffic.suspected(at(300));
        assert_eq!((asked.len(), asked.last()), (128, Some(&999)));
        drop(waits);
    }

    #[tokio::test]
    async fn who_waits_for_a_connection_is_no_suspect_until_it_has_one() {
        let (traffic, at) = traffic();
        let asking = traffic.asking(None);
        assert_eq!(traffic.judge(&[], at(5_000), at(5_000)), Found::default());
        assert!(asking.is_waiting() && !traffic.hangs(at(5_000)));
        let has_it = asking.clone().during(async { acquired() });
        has_it.await;
        assert!(!asking.is_waiting());
        let later = at(60_000);
        assert_eq!(traffic.judge(&[], later, later).in_vain, 1);
        drop(asking);
        assert!(traffic.suspected(later).is_empty());
    }
}
