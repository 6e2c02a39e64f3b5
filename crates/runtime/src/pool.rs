//! The CPU pool: all computing on data happens on its threads.

use elanus_types::{Error, Result};
use rayon::prelude::*;
use std::fmt;
use std::sync::Arc;

/// A fixed set of worker threads; cloning shares them.
#[derive(Clone)]
pub struct Pool(Arc<rayon::ThreadPool>);

impl Pool {
    /// A pool of `threads` workers called `elanus-NAME-0` and so on; 0 = one per CPU of the machine.
    pub fn new(name: &'static str, threads: usize) -> Result<Self> {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .thread_name(move |worker| format!("elanus-{name}-{worker}"))
            .panic_handler(|panic| {
                // A panic in a spawned job would otherwise end the process.
                tracing::error!(reason = panic_text(&*panic), "a job on a pool panicked");
            })
            .build()
            .map_err(|error| Error::internal(format!("cannot start {threads} {name} threads: {error}")))?;
        Ok(Self(Arc::new(pool)))
    }

    /// Runs `job` on the pool and waits for it; parallel iterators inside use the pool's threads.
    pub fn install<T: Send>(&self, job: impl FnOnce() -> T + Send) -> T {
        self.0.install(job)
    }

    /// Runs `work` on every item on the pool; results in the items' order.
    pub fn map<T: Sync, R: Send>(&self, items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
        self.0.install(|| items.par_iter().map(&work).collect())
    }

    /// Starts `job` on the pool and returns at once.
    pub fn spawn(&self, job: impl FnOnce() + Send + 'static) {
        self.0.spawn(job);
    }

    /// Number of workers.
    pub fn threads(&self) -> usize {
        self.0.current_num_threads()
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("threads", &self.threads()).finish()
    }
}

/// The message of a caught panic.
pub fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[test]
    fn runs_jobs_and_outlives_a_panicking_one() {
        let pool = Pool::new("cpu", 2).expect("threads");
        assert_eq!(pool.threads(), 2);
        assert_eq!(pool.install(|| 6 * 7), 42);
        pool.spawn(|| panic!("on purpose"));
        let (sender, receiver) = mpsc::channel();
        pool.spawn(move || sender.send(1).expect("receiver lives"));
        assert_eq!(receiver.recv(), Ok(1));
    }
}
