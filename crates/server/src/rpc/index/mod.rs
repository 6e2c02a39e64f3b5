//! Indexes.

mod alter;
mod create;
mod describe;
mod drop;
mod progress;
mod select;
mod state;
mod statistics;

pub(super) use alter::alter_index;
pub(super) use create::create_index;
pub(super) use describe::describe_index;
pub(super) use drop::drop_index;
pub(super) use progress::get_index_build_progress;
pub(super) use state::get_index_state;
pub(super) use statistics::get_index_statistics;
