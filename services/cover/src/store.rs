//! Queries. A person finds only what is theirs, in the workspace they act in.

pub(crate) mod bulks;
pub(crate) mod changes;
mod covers;
pub(crate) mod entity;
pub(crate) mod erase;
pub(crate) mod history;
mod migration;
mod requests;
#[cfg(test)]
mod testing;

pub(crate) use covers::{
    Filter, Order, Place, cover, covers, covers_by_id, covers_of_task, covers_of_tasks,
    delete_cover, images, insert_cover, set_favorite,
};
pub(crate) use migration::migrations;
pub(crate) use requests::{is_kept, request, requests};
