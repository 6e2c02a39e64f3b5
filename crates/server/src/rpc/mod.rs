//! The service: one function per call, in one file each.

mod alias;
mod collection;
mod compaction;
mod database;
mod flush;
mod health;
mod index;
mod load;
mod offload;
mod partition;
mod query;
mod resource_group;
mod routes;
mod search;
mod segment;
mod service;
mod system;
mod write;

pub(crate) use health::Health;
pub(crate) use service::Service;
