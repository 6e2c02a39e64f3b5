//! Inserts, upserts and deletes.

mod delete;
mod insert;
mod upsert;

pub(super) use delete::delete;
pub(super) use insert::insert;
pub(super) use upsert::upsert;
