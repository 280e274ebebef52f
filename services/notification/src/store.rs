//! Queries, within a workspace and, where something is private, a person; the
//! worker is let in by what is due and by its fencing token.

pub(crate) mod deliveries;
pub(crate) mod entity;
pub(crate) mod erase;
pub(crate) mod keys;
mod migration;
pub(crate) mod notifications;
pub(crate) mod personal;
pub(crate) mod push_subscriptions;
pub(crate) mod webhooks;

pub(crate) use migration::migrations;
