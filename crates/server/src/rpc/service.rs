//! What stands behind every call.

use crate::call::Call;
use elanus_engine::Db;
use elanus_types::{Error, ErrorKind};
use std::sync::Arc;
use tonic::Request;

/// The service: hands each call to its function, see [`super::routes`].
#[derive(Clone)]
pub(crate) struct Service {
    db: Arc<dyn Db>,
    version: Arc<str>,
}

impl Service {
    pub fn new(db: Arc<dyn Db>, version: &str) -> Self {
        Self { db, version: version.into() }
    }

    /// A request's context and its message.
    pub(super) fn open<R>(&self, request: Request<R>) -> (Call, R) {
        let call = Call::new(self.db.clone(), self.version.clone(), request.metadata());
        (call, request.into_inner())
    }
}

/// The answer of a call that Elanus does not support.
pub(super) fn refusal(method: &str, instead: &str) -> Error {
    Error::new(ErrorKind::Unsupported, format!("{method} is not supported by Elanus: {instead}"))
}
