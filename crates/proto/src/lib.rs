//! The wire messages of the Milvus protocol, one module per package, and the service's server and client.
//!
//! The `.proto` files in this crate state names and numbers only. Two payloads are declared differently from
//! what clients compile, with the same bytes on the wire: `FloatArray.data` (packed floats) and
//! `StringArray.data` are bytes here, so that large payloads stay slices of the message they came in.

macro_rules! packages {
    ($($(#[$doc:meta])* $name:ident = $package:literal;)*) => {
        $($(#[$doc])*
        #[allow(missing_docs, clippy::all, clippy::pedantic, deprecated)]
        pub mod $name {
            tonic::include_proto!($package);
        })*
    };
}

packages! {
    /// Status, error codes, key-value pairs, placeholders.
    common = "milvus.proto.common";
    /// Schemas and columns.
    schema = "milvus.proto.schema";
    /// Requests and answers, the service.
    milvus = "milvus.proto.milvus";
    /// Messages of the change stream.
    msg = "milvus.proto.msg";
    /// Resource groups.
    rg = "milvus.proto.rg";
    /// Index inspection.
    feder = "milvus.proto.feder";
}

/// An answer that can say that a call failed.
pub trait Reply: Default {
    /// The answer with this status and nothing else.
    fn with_status(status: common::Status) -> Self;
}

impl Reply for common::Status {
    fn with_status(status: common::Status) -> Self {
        status
    }
}

include!(concat!(env!("OUT_DIR"), "/methods.rs"));

#[cfg(test)]
mod tests;
