//! Collections.

mod alter;
mod batch_describe;
mod create;
mod describe;
mod drop;
mod has;
mod rename;
mod show;
mod statistics;

pub(super) use alter::alter_collection;
pub(super) use batch_describe::batch_describe_collection;
pub(super) use create::create_collection;
pub(super) use describe::describe_collection;
pub(super) use drop::drop_collection;
pub(super) use has::has_collection;
pub(super) use rename::rename_collection;
pub(super) use show::show_collections;
pub(super) use statistics::get_collection_statistics;
