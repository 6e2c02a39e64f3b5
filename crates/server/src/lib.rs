//! The gRPC front end over the engine: every method of the Milvus service, from wire messages to
//! [`elanus_engine::Db`] and back. Beside it the admin endpoint: health, metrics, status.

pub mod admin;
mod call;
mod convert;
#[doc(hidden)]
pub mod decode;
mod guard;
mod rpc;
pub mod serve;
pub mod status;
mod transport;

pub use serve::{ServeOptions, serve, serve_on};
