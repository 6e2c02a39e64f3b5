//! Flushes.

mod all_state;
mod collections;
mod flush_all;
mod state;

pub(super) use all_state::get_flush_all_state;
pub(super) use collections::flush;
pub(super) use flush_all::flush_all;
pub(super) use state::get_flush_state;
