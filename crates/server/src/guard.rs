//! Runs a handler so that whatever happens inside ends as an answer with a status.
//!
//! Clients repeat calls that fail on the gRPC level for minutes; a typed answer they report at once.

use crate::admin::calls;
use crate::status;
use elanus_proto::Reply;
use elanus_types::{Error, ErrorKind, Result};
use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::time::Instant;

/// The answer of `handler`: its own, or one with the status of its error or panic.
pub(crate) async fn answer<R: Reply>(method: &str, handler: impl Future<Output = Result<R>>) -> R {
    let begun = Instant::now();
    let outcome = catch_panic(handler).await;
    settle(
        method,
        begun,
        outcome.unwrap_or_else(|payload| Err(panicked(method, panic_message(payload.as_ref())))),
    )
}

/// Like [`answer`], but `handler` runs to its end even when the client hangs up: no change stops half-way.
pub(crate) async fn answer_to_the_end<R: Reply + Send + 'static>(
    method: &'static str,
    handler: impl Future<Output = Result<R>> + Send + 'static,
) -> R {
    let begun = Instant::now();
    let outcome = tokio::spawn(handler).await.unwrap_or_else(|error| match error.try_into_panic() {
        Ok(payload) => Err(panicked(method, panic_message(payload.as_ref()))),
        Err(_) => Err(Error::new(ErrorKind::NotReady, format!("{method}: the server stops"))),
    });
    settle(method, begun, outcome)
}

/// Counts the call and makes its answer.
fn settle<R: Reply>(method: &str, begun: Instant, outcome: Result<R>) -> R {
    let code = outcome.as_ref().err().map_or(0, |error| error.kind().code());
    calls::observe(method, code, begun.elapsed());
    outcome.unwrap_or_else(|error| {
        tracing::debug!(method, code, reason = error.message(), "call failed");
        R::with_status(status::failure(&error))
    })
}

fn panicked(method: &str, message: &str) -> Error {
    tracing::error!(method, message, "call panicked");
    Error::internal(format!("{method} failed unexpectedly: {message}"))
}

async fn catch_panic<T>(future: impl Future<Output = T>) -> std::thread::Result<T> {
    let mut future = pin!(future);
    // A handler that panicked is dropped and never polled again, so nothing sees its broken state.
    std::future::poll_fn(move |context| {
        match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
            Ok(poll) => poll.map(Ok),
            Err(payload) => std::task::Poll::Ready(Err(payload)),
        }
    })
    .await
}

fn panic_message(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}

#[cfg(test)]
mod tests {
    use super::*;
    use elanus_proto::common::Status;

    #[tokio::test]
    async fn a_panic_becomes_an_internal_error() {
        let status: Status = answer("Search", async { panic!("row {} of {}", 7, 5) }).await;
        assert_eq!(status.code, 5);
        assert_eq!(status.reason, "Search failed unexpectedly: row 7 of 5");
    }

    #[tokio::test]
    async fn a_panic_of_a_change_becomes_an_internal_error() {
        let status: Status = answer_to_the_end("Insert", async { panic!("full") }).await;
        assert_eq!(status.code, 5);
        assert_eq!(status.reason, "Insert failed unexpectedly: full");
    }

    #[tokio::test]
    async fn a_change_outlives_its_caller() {
        let (done, told) = tokio::sync::oneshot::channel();
        let (begin, begun) = tokio::sync::oneshot::channel::<()>();
        let change = async move {
            let _ = begun.await;
            let _ = done.send(());
            Ok(Status::default())
        };
        let caller = tokio::spawn(answer_to_the_end("Insert", change));
        tokio::task::yield_now().await;
        caller.abort();
        let _ = caller.await;
        begin.send(()).unwrap();
        told.await.unwrap();
    }

    #[tokio::test]
    async fn an_error_becomes_its_status() {
        let failed = async { Err(Error::invalid("no")) };
        let status: Status = answer("Insert", failed).await;
        assert_eq!((status.code, status.reason.as_str()), (1100, "no"));
    }
}
