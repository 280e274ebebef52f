//! Starting programs so that none is left behind.
//!
//! Every program gets a process group of its own and stands in one register.
//! An interrupt ends the groups in the register; the task then unwinds as after
//! any failure, so there is a single way out. Where `setpriv` exists the kernel
//! also ends the direct children when this process is killed outright.

mod program;
mod register;

pub(crate) use program::{Program, find};
pub(crate) use register::{Running, handle_signals, interrupted, wait_for_interrupt};
