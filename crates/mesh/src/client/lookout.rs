//! Looks whether a target that is not called is back.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use tokio::time::sleep;

use super::{breaker::Seen, circuit::Watch};
use crate::{Registry, balance::Pool};

/// Pause before the first look, doubling up to the most: short enough that
/// nobody waits long for a target that is back, long enough to be nothing
/// beside the calls that are refused meanwhile.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LAST_PAUSE: Duration = Duration::from_secs(1);

/// Whom to ask whether a target serves.
pub(crate) enum Lookout {
    /// Its endpoints, by their health service.
    Endpoints(Weak<Pool>),
    /// This process, which knows.
    Here(Registry, Arc<str>),
}

impl Lookout {
    /// Whether it serves; `None` where that cannot be told.
    pub(super) async fn serves(&self, service: &str) -> Option<bool> {
        match self {
            Self::Endpoints(pool) => pool.upgrade()?.serves(service).await,
            Self::Here(registry, target) => registry.serves(target),
        }
    }
}

/// Looks again and again, as long as the breaker refuses calls.
pub(super) async fn look_out(breaker: Seen, watch: Watch) {
    let mut pause = FIRST_PAUSE;
    loop {
        sleep(pause).await;
        pause = (pause * 2).min(LAST_PAUSE);
        let Some(serves) = breaker.serves(watch).await else {
            return;
        };
        breaker.tell(watch, serves);
    }
}
