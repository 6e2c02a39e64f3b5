//! The embedded database: one folder, one process, the engine behind every front end.

mod alter;
pub mod checkpoint;
mod delete;
mod memory;
mod options;
mod partial;
mod recover;
mod reserve;
mod slot;
mod status;
pub mod whole;
mod world;
mod write;

pub use checkpoint::Checkpoint;
pub use options::{DuplicateKey, Options};
pub use world::World;
pub use write::primary;
#[cfg(test)]
pub(crate) use {recover::open as open_world, write::Draft};

use crate::db::{CatalogChange, CollectionStatus, Db};
use crate::maintain::Maintenance;
use async_trait::async_trait;
use elanus_runtime::{Clock, SystemClock};
use elanus_storage::{Disk, FolderLock, LocalDisk};
use elanus_types::explain::{Explain, ExplainRequest};
use elanus_types::query::{QueryRequest, QueryResult};
use elanus_types::search::{HybridRequest, SearchRequest, SearchResult};
use elanus_types::write::{Write, WriteOutcome};
use elanus_types::{Catalog, CollectionRef, Error, Result, Timestamp};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::oneshot;

/// A database in a local folder.
pub struct LocalDb {
    world: Arc<World>,
    maintenance: Option<Maintenance>,
}

impl LocalDb {
    /// Opens a folder, making it when there is none. A folder that another process has open is refused.
    pub fn open(folder: &Path, options: Options) -> Result<Arc<Self>> {
        let disk = LocalDisk::open(folder)?;
        let lock = disk.lock()?;
        Self::start(Arc::new(disk), Arc::new(SystemClock), options, Some(lock))
    }

    /// Opens a database on any disk and clock, for tests that lie about both.
    pub fn open_on(disk: Arc<dyn Disk>, clock: Arc<dyn Clock>, options: Options) -> Result<Arc<Self>> {
        Self::start(disk, clock, options, None)
    }

    fn start(
        disk: Arc<dyn Disk>,
        clock: Arc<dyn Clock>,
        options: Options,
        lock: Option<FolderLock>,
    ) -> Result<Arc<Self>> {
        if let Some(reason) = &elanus_kernels::isa::chosen().refused {
            tracing::warn!(reason, "the level of instructions asked for is not used");
        }
        let background = options.maintenance;
        let world =
            recover::open(disk, clock, options, lock).map_err(|error| whole::with_remedy(error, ""))?;
        let world = Arc::new(world);
        world.remove_dropped_folders();
        world.set_space_aside();
        let maintenance = background.then(|| Maintenance::start(&world)).transpose()?;
        Ok(Arc::new(Self { world, maintenance }))
    }

    /// Runs all maintenance that is due, in the caller's time, until there is none.
    pub fn maintain(&self) -> Result<()> {
        crate::maintain::run_until_idle(&self.world)
    }

    /// Compares the files of every collection with their checksums, in the caller's time; answers how many damaged
    /// ones there were. What can be written anew is; see [`Options::scrub_millis`] for what happens by itself.
    pub fn scrub(&self) -> Result<u64> {
        crate::maintain::scrub_all(&self.world)
    }

    /// Stops accepting work, ends background jobs. Nothing needs saving: acknowledged writes are in the log.
    pub fn close(&self) {
        self.world.closed.store(true, Ordering::Relaxed);
        self.world.closing.cancel();
        if let Some(maintenance) = &self.maintenance {
            maintenance.stop();
        }
    }

    /// Runs `work` where blocking is allowed.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&World) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let world = Arc::clone(&self.world);
        let done = tokio::task::spawn_blocking(move || work(&world)).await;
        done.unwrap_or_else(|error| Err(Error::internal(format!("the request ended unexpectedly: {error}"))))
    }

    /// Runs a read on the readers' pool. Its few threads take reads in turn: under load none of them sleeps, and a read costs
    /// no switch of threads beyond the one to it.
    async fn computing<T: Send + 'static>(
        &self,
        work: impl FnOnce(&World) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let world = Arc::clone(&self.world);
        let (answer, answered) = oneshot::channel();
        self.world.readers.spawn(move || {
            // Nobody waits for the answer to a call that was cancelled.
            if !answer.is_closed() {
                let reading = Reading::begin(&world.reading);
                let outcome = work(&world);
                drop(reading);
                // Before the answer: who has it may close the folder and open it again at once.
                drop(world);
                let _ = answer.send(outcome);
            }
        });
        answered.await.unwrap_or_else(|_| {
            Err(Error::internal("the read ended unexpectedly, see the log for the reason and report it"))
        })
    }
}

/// A read under way, counted even if it panics.
struct Reading<'a>(&'a AtomicUsize);

impl<'a> Reading<'a> {
    fn begin(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Drop for LocalDb {
    fn drop(&mut self) {
        self.close();
    }
}

#[async_trait]
impl Db for LocalDb {
    fn catalog(&self) -> Arc<Catalog> {
        self.world.catalog()
    }

    fn timestamp(&self) -> Timestamp {
        self.world.oracle.next()
    }

    async fn alter(&self, change: CatalogChange) -> Result<()> {
        self.blocking(move |world| world.alter(&change)).await
    }

    async fn write(&self, write: Write) -> Result<WriteOutcome> {
        self.blocking(move |world| match &write {
            Write::Insert(request) => world.insert(request),
            Write::Delete(request) => world.delete(request),
        })
        .await
    }

    async fn query(&self, request: QueryRequest) -> Result<QueryResult> {
        self.computing(move |world| world.query(&request)).await
    }

    async fn search(&self, request: SearchRequest) -> Result<SearchResult> {
        self.computing(move |world| world.search(&request)).await
    }

    async fn hybrid_search(&self, request: HybridRequest) -> Result<SearchResult> {
        self.computing(move |world| world.hybrid_search(&request)).await
    }

    async fn explain(&self, request: ExplainRequest) -> Result<Explain> {
        self.computing(move |world| world.explain(&request)).await
    }

    async fn flush(&self, target: &CollectionRef) -> Result<Vec<i64>> {
        let target = target.clone();
        self.blocking(move |world| world.flush(&target)).await
    }

    async fn status(&self, target: &CollectionRef) -> Result<CollectionStatus> {
        let target = target.clone();
        self.blocking(move |world| world.status(&target)).await
    }
}
