use crate::outbox::{OutboxCommand, Row};
use crate::relay::Hub;

/// What a transaction appended, for the relay of this process.
#[derive(Debug, Default)]
pub(crate) struct Appended {
    /// Whether there are any, written or not.
    events: bool,
    /// Those that are not written yet.
    unwritten: Vec<Row>,
    /// Commands that may be dispatched from memory at the commit.
    ready: Vec<(i64, OutboxCommand)>,
    /// Commands that wait for an earlier one of their key.
    waiting: bool,
}

impl Appended {
    /// Keeps an event; answers how many are not written yet.
    pub(crate) fn event(&mut self, row: Row) -> usize {
        self.events = true;
        self.unwritten.push(row);
        self.unwritten.len()
    }

    /// The events that are to be written now.
    pub(crate) fn take_events(&mut self) -> Vec<Row> {
        std::mem::take(&mut self.unwritten)
    }

    pub(crate) fn command(&mut self, row: Row, first_of_key: bool) {
        if first_of_key {
            self.ready.push((row.seq, row.into_command()));
        } else {
            self.waiting = true;
        }
    }

    /// Wakes the relay when dropped, if anything was appended.
    pub(crate) fn wake_on_drop<'h>(&self, hub: &'h Hub) -> WakeOnDrop<'h> {
        WakeOnDrop {
            hub,
            events: self.events,
            commands: self.waiting || !self.ready.is_empty(),
        }
    }
}

pub(crate) struct WakeOnDrop<'h> {
    hub: &'h Hub,
    events: bool,
    commands: bool,
}

impl WakeOnDrop<'_> {
    /// The commit is certain: hands over what may be dispatched at once.
    pub(crate) fn committed(mut self, appended: Appended) {
        if self.commands {
            self.commands = appended.waiting | !self.hub.dispatch(appended.ready);
        }
    }
}

impl Drop for WakeOnDrop<'_> {
    fn drop(&mut self) {
        if self.events {
            self.hub.wake_events();
        }
        if self.commands {
            self.hub.wake_commands();
        }
    }
}
