//! Maintenance in the background: seals what is full, merges what is small, indexes what is large.
//!
//! Two threads, so that a long index build never keeps growing rows from being sealed. What to do is decided by a
//! pure planner; see [`next`].

mod facts;
mod plan;

pub use plan::{Facts, Job, Policy, SegmentFact, next};

use crate::collection::Collection;
use crate::local::World;
use elanus_types::{Error, Result};
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;
use std::time::Duration;

/// How often the threads look for work.
const PAUSE: Duration = Duration::from_millis(100);

/// The running threads.
pub struct Maintenance {
    world: Arc<World>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Maintenance {
    /// Starts the threads.
    pub fn start(world: &Arc<World>) -> Result<Self> {
        let sealer = spawn(world, "elanus-seal", |world| {
            world.open_collections().iter().for_each(|collection| seal_if_due(world, collection));
            false
        })?;
        let builder = spawn(world, "elanus-build", |world| {
            world.open_collections().iter().any(|collection| run_one_job(world, collection))
        })?;
        Ok(Self { world: Arc::clone(world), threads: Mutex::new(vec![sealer, builder]) })
    }

    /// Ends the threads; a build under way is cancelled.
    pub fn stop(&self) {
        self.world.closing.cancel();
        for thread in self.threads.lock().drain(..) {
            if thread.join().is_err() {
                tracing::error!("a maintenance thread panicked");
            }
        }
    }
}

/// A thread that calls `step` until closing; pauses whenever a step found nothing to do.
fn spawn(world: &Arc<World>, name: &str, step: fn(&World) -> bool) -> Result<JoinHandle<()>> {
    let world = Arc::clone(world);
    let body = move || {
        while !world.closing.is_cancelled() {
            if !step(&world) {
                std::thread::sleep(PAUSE);
            }
        }
    };
    let thread = std::thread::Builder::new().name(name.to_owned()).spawn(body);
    thread.map_err(|error| Error::internal(format!("cannot start the thread {name}: {error}")))
}

fn seal_if_due(world: &World, collection: &Collection) {
    let memory = collection.view().set.memory_bytes();
    let holds_back_log = world.log.size_bytes() > world.options.log_bytes;
    let due = memory > world.options.growing_bytes
        || (memory > 0 && (collection.is_quiet(world) || holds_back_log))
        || (holds_back_log && collection.need.lock().first().is_some());
    if due {
        seal(world, collection);
    }
}

fn seal(world: &World, collection: &Collection) {
    let catalog = world.catalog();
    let Some(meta) = catalog.collections.get(&collection.id) else { return };
    if let Err(error) = collection.flush(world, meta) {
        tracing::warn!(collection = %meta.name, %error, "cannot seal, the rows stay in memory and in the log; will try again");
        std::thread::sleep(PAUSE * 10);
    }
    world.truncate_log();
}

/// Runs the next merge or index build of a collection; whether there was one and it succeeded.
fn run_one_job(world: &World, collection: &Collection) -> bool {
    let catalog = world.catalog();
    let Some(meta) = catalog.collections.get(&collection.id) else { return false };
    let facts = collection.facts(world, meta);
    let Some(job) = next(&facts, &world.options.policy) else {
        if facts.sealed.iter().all(|s| s.unindexed.is_empty()) {
            collection.urgent.store(false, Ordering::Relaxed);
        }
        return false;
    };
    let done = match &job {
        Job::Merge(segments) => collection.merge(world, meta, segments),
        Job::Index(segment, field) => collection.build_index(world, meta, *segment, *field),
    };
    if let Err(error) = &done
        && !world.closing.is_cancelled()
    {
        tracing::warn!(collection = %meta.name, ?job, %error, "maintenance failed, will try again");
    }
    done.is_ok()
}

/// Seals, merges and indexes every open collection until nothing is left to do.
pub fn run_until_idle(world: &World) -> Result<()> {
    for collection in world.open_collections() {
        let catalog = world.catalog();
        let Some(meta) = catalog.collections.get(&collection.id) else { continue };
        collection.urgent.store(true, Ordering::Relaxed);
        collection.flush(world, meta)?;
        world.truncate_log();
        while run_one_job(world, &collection) {}
    }
    Ok(())
}
