//! Queries. Rules and blocked pictures belong to the system's workspace; a
//! violation and its appeal to that of its author. What is asked for without
//! an owner is asked by a moderator.

pub(crate) mod appeals;
pub(crate) mod blocked;
pub(crate) mod entity;
pub(crate) mod erase;
mod migration;
pub(crate) mod rules;
pub(crate) mod violations;

use covergen_ids::{UserId, WorkspaceId};

pub(crate) use migration::migrations;

/// Whose rows are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whose {
    /// One person's, in the workspace that they act in.
    Own(UserId, WorkspaceId),
    /// One person's, wherever: for moderators.
    Of(UserId),
    /// Everybody's: for moderators.
    All,
}
