//! Databases.

mod alter;
mod create;
mod describe;
mod drop;
mod list;

pub(super) use alter::alter_database;
pub(super) use create::create_database;
pub(super) use describe::describe_database;
pub(super) use drop::drop_database;
pub(super) use list::list_databases;
