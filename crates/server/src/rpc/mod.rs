//! The service: one function per call, in one file each.

mod offload;
mod query;
mod routes;
mod search;
mod service;
mod write;

pub(crate) use service::Service;
