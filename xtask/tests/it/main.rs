//! Tests of the tasks as they are started: the built program, real engines,
//! copies of the real tree.

mod interrupt;
mod scaffold;
mod tidy;
mod tree;
