//! What the gRPC library answers by itself, in codes that clients take as final.
//!
//! Milvus's clients repeat a call that failed with any code but a few, for minutes and without a word. The library
//! answers a message over the size limit with `OUT_OF_RANGE` and one that is no protobuf with `INTERNAL`: both would
//! be sent again and again.

use tonic::Code;
use tonic::codegen::http::{HeaderValue, Response};

const STATUS: &str = "grpc-status";

/// Replaces codes that make clients repeat a call in vain.
pub(crate) fn final_codes<B>(mut response: Response<B>) -> Response<B> {
    if let Some(status) = response.headers_mut().get_mut(STATUS) {
        // Handlers never fail on this level, so these come from reading the request.
        match Code::from_bytes(status.as_bytes()) {
            Code::OutOfRange => *status = code(Code::ResourceExhausted),
            Code::Internal => *status = code(Code::InvalidArgument),
            _ => {}
        }
    }
    response
}

fn code(code: Code) -> HeaderValue {
    HeaderValue::from(code as i32)
}
