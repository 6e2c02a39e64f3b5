//! Work of a call that is too much for the threads that serve the network.

use elanus_types::{Error, Result};

/// About how many values or bytes are touched in place; more goes to a thread that may block.
const IN_PLACE: usize = 128 * 1024;

/// Runs `work`, which touches about `weight` values or bytes, where it keeps nobody waiting.
pub(super) async fn offload<T: Send + 'static>(
    weight: usize,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T> {
    if weight <= IN_PLACE {
        return Ok(work());
    }
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => Ok(done),
        Err(error) => match error.try_into_panic() {
            Ok(payload) => std::panic::resume_unwind(payload),
            Err(_) => Err(Error::new(elanus_types::ErrorKind::NotReady, "the server stops")),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn light_work_stays_and_heavy_work_moves() -> Result<()> {
        let here = std::thread::current().id();
        assert_eq!(offload(IN_PLACE, || std::thread::current().id()).await?, here);
        assert_ne!(offload(IN_PLACE + 1, || std::thread::current().id()).await?, here);
        Ok(())
    }

    #[tokio::test]
    #[should_panic(expected = "row 7")]
    async fn a_panic_comes_back() {
        let _: Result<()> = offload(usize::MAX, || panic!("row {}", 7)).await;
    }
}
