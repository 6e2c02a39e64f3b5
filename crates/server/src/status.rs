//! Outcomes as the protocol states them.
//!
//! Clients judge by three fields: pymilvus by `code` and the old `error_code`, Node by `error_code` alone. Every
//! failure sets both. A success leaves `extra_info` empty: some clients read a cost from it and fail on anything else.

use elanus_proto::common::{ErrorCode, Status};
use elanus_types::{Error, ErrorKind};

/// The status of a call that did what it was asked.
pub fn success() -> Status {
    Status::default()
}

/// The status of a call that failed with `error`.
pub fn failure(error: &Error) -> Status {
    failure_with(error, legacy_code(error.kind()))
}

/// Like [`failure`], with another old-style code than the kind's usual one.
#[allow(deprecated)]
pub fn failure_with(error: &Error, legacy: ErrorCode) -> Status {
    let mut status = Status {
        error_code: legacy.into(),
        reason: error.message().to_owned(),
        code: error.kind().code(),
        retriable: error.kind().retriable(),
        detail: error.message().to_owned(),
        ..Status::default()
    };
    if error.kind().is_input() {
        status.extra_info.insert("is_input_error".to_owned(), "true".to_owned());
    }
    status
}

/// The old-style code that goes with a kind.
fn legacy_code(kind: ErrorKind) -> ErrorCode {
    match kind {
        ErrorKind::NotReady => ErrorCode::NotReadyServe,
        ErrorKind::MemoryExhausted => ErrorCode::InsufficientMemoryToLoad,
        ErrorKind::DiskFull => ErrorCode::DiskQuotaExhausted,
        ErrorKind::RateLimited => ErrorCode::RateLimit,
        ErrorKind::QuotaExceeded => ErrorCode::ForceDeny,
        ErrorKind::CollectionNotFound => ErrorCode::CollectionNotExists,
        ErrorKind::SchemaMismatch => ErrorCode::SchemaMismatch,
        ErrorKind::PartitionNotFound => ErrorCode::MetaFailed,
        ErrorKind::SegmentNotFound => ErrorCode::SegmentNotFound,
        ErrorKind::IndexNotFound => ErrorCode::IndexNotExist,
        ErrorKind::InvalidParameter | ErrorKind::MissingParameter | ErrorKind::ParameterTooLarge => {
            ErrorCode::IllegalArgument
        }
        _ => ErrorCode::UnexpectedError,
    }
}

#[cfg(test)]
#[allow(deprecated)]
mod tests {
    use super::*;

    #[test]
    fn no_failure_looks_like_a_success() {
        for kind in ErrorKind::ALL {
            let status = failure(&Error::new(*kind, "reason"));
            assert_ne!(status.code, 0, "{kind:?}");
            assert_ne!(status.error_code, 0, "{kind:?}");
            assert_eq!(status.reason, "reason");
            assert_eq!(status.detail, "reason");
            assert_eq!(status.extra_info.contains_key("is_input_error"), kind.is_input());
        }
    }

    #[test]
    fn success_is_all_defaults() {
        assert_eq!(success(), Status::default());
    }

    #[test]
    fn codes_that_clients_decide_by() {
        let code_of = |kind| failure(&Error::new(kind, "")).error_code;
        assert_eq!(code_of(ErrorKind::CollectionNotFound), 4);
        assert_eq!(code_of(ErrorKind::IndexNotFound), 25);
        assert_eq!(code_of(ErrorKind::SchemaMismatch), 62);
        assert_eq!(code_of(ErrorKind::RateLimited), 49);
        assert_eq!(code_of(ErrorKind::Unsupported), 1);
    }
}
