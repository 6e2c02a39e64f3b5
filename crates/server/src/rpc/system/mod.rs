//! The server itself.

mod component_states;
mod connect;
mod health;
mod timestamp;
mod version;

pub(super) use component_states::get_component_states;
pub(super) use connect::connect;
pub(super) use health::check_health;
pub(super) use timestamp::alloc_timestamp;
pub(super) use version::get_version;

/// The number that this node goes by.
pub(super) const NODE: i64 = 1;
