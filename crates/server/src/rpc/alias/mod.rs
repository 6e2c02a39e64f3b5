//! Aliases.

mod alter;
mod create;
mod describe;
mod drop;
mod list;

pub(super) use alter::alter_alias;
pub(super) use create::create_alias;
pub(super) use describe::describe_alias;
pub(super) use drop::drop_alias;
pub(super) use list::list_aliases;
