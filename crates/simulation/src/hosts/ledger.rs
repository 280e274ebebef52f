//! Whose units are set aside and whose are used.

use std::collections::BTreeMap;

use covergen_proto::user::v1::reservation::State;
use covergen_proto::user::v1::{
    CommitQuotaRequest, ConfirmReservationRequest, ReleaseQuotaRequest, Reservation,
    ReserveQuotaRequest,
};
use tonic::Status;

use crate::rpc::{Ended, Node, Router};
use crate::world::World;

/// The ledger's database.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) reservations: BTreeMap<String, Held>,
    /// Units used, by user. Counted apart, so that using them twice shows.
    pub(crate) used: BTreeMap<String, i32>,
}

/// Units set aside for a task.
#[derive(Debug, Clone)]
pub(crate) struct Held {
    pub(crate) user: String,
    pub(crate) units: i32,
    pub(crate) state: State,
}

impl Ledger {
    fn left(&self, user: &str, limit: i32) -> i32 {
        let held = self.reservations.values().filter(|held| {
            held.user == user && matches!(held.state, State::Held | State::Confirmed)
        });
        let used = self.used.get(user).copied().unwrap_or(0);
        limit - used - held.map(|held| held.units).sum::<i32>()
    }

    fn reserve(
        &mut self,
        request: &ReserveQuotaRequest,
        limit: i32,
    ) -> Result<Reservation, Status> {
        if !self.reservations.contains_key(&request.task_id) {
            if self.left(&request.user_id, limit) < request.units {
                return Err(Status::resource_exhausted("no units left"));
            }
            let held = Held {
                user: request.user_id.clone(),
                units: request.units,
                state: State::Held,
            };
            self.reservations.insert(request.task_id.clone(), held);
        }
        self.answer(&request.task_id)
    }

    /// Moves a reservation on, from one of these states; it may be there already.
    fn advance(&mut self, task: &str, from: &[State], to: State) -> Result<Reservation, Status> {
        let Some(held) = self.reservations.get_mut(task) else {
            return Err(Status::not_found("nothing is set aside for this task"));
        };
        if held.state != to {
            if !from.contains(&held.state) {
                return Err(Status::failed_precondition(format!(
                    "it is {:?}",
                    held.state
                )));
            }
            held.state = to;
            if to == State::Committed {
                *self.used.entry(held.user.clone()).or_default() += held.units;
            }
        }
        self.answer(task)
    }

    fn answer(&self, task: &str) -> Result<Reservation, Status> {
        let held = self.reservations.get(task);
        let held = held.ok_or_else(|| Status::internal("it was there a moment ago"))?;
        Ok(Reservation {
            task_id: task.to_owned(),
            state: held.state.into(),
            units: held.units,
            ..Reservation::default()
        })
    }
}

/// Keeps the ledger until the host dies.
pub(crate) async fn run(name: &'static str, world: World) -> Ended {
    let node = Node::new(name, &world)?;
    let (reserving, confirming, using, releasing) =
        (world.clone(), world.clone(), world.clone(), world);
    let router =
        Router::new(&node)
            .on(
                "/covergen.user.v1.UserService/ReserveQuota",
                move |request: ReserveQuotaRequest| {
                    let world = reserving.clone();
                    async move {
                        let user = request.user_id.strip_prefix("user-");
                        let user = user.and_then(|number| number.parse::<usize>().ok());
                        let limit = user.and_then(|user| world.plan().limits.get(user).copied());
                        let limit = limit.ok_or_else(|| Status::not_found("no such user"))?;
                        let ledger = &world.disks().ledger;
                        ledger
                            .commit(|ledger| ledger.reserve(&request, limit))
                            .await
                    }
                },
            )
            .on(
                "/covergen.user.v1.UserService/ConfirmReservation",
                move |request: ConfirmReservationRequest| {
                    let world = confirming.clone();
                    async move {
                        advance(&world, &request.task_id, &[State::Held], State::Confirmed).await
                    }
                },
            )
            .on(
                "/covergen.user.v1.UserService/CommitQuota",
                move |request: CommitQuotaRequest| {
                    let world = using.clone();
                    async move {
                        advance(
                            &world,
                            &request.task_id,
                            &[State::Confirmed],
                            State::Committed,
                        )
                        .await
                    }
                },
            )
            .on(
                "/covergen.user.v1.UserService/ReleaseQuota",
                move |request: ReleaseQuotaRequest| {
                    let world = releasing.clone();
                    let from = &[State::Held, State::Confirmed];
                    async move { advance(&world, &request.task_id, from, State::Released).await }
                },
            );
    node.serve(router).await
}

async fn advance(
    world: &World,
    task: &str,
    from: &[State],
    to: State,
) -> Result<Reservation, Status> {
    let ledger = &world.disks().ledger;
    ledger.commit(|ledger| ledger.advance(task, from, to)).await
}
