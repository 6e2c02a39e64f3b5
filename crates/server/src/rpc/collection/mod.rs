//! Collections.

mod add_field;
mod alter;
mod batch_describe;
mod create;
mod describe;
mod drop;
mod has;
mod rename;
mod show;
mod statistics;
mod truncate;

pub(super) use add_field::{add_collection_field, alter_collection_schema};
pub(super) use alter::alter_collection;
pub(super) use batch_describe::batch_describe_collection;
pub(super) use create::create_collection;
pub(super) use describe::describe_collection;
pub(super) use drop::drop_collection;
pub(super) use has::has_collection;
pub(super) use rename::rename_collection;
pub(super) use show::show_collections;
pub(super) use statistics::get_collection_statistics;
pub(super) use truncate::truncate_collection;
