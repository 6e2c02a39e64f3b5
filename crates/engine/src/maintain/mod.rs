//! Maintenance in the background: seals what is full, merges what is small, indexes what is large.
//!
//! Two threads, so that a long index build never keeps growing rows from being sealed. What to do is decided by a
//! pure planner; see [`next`]. A third one compares files with their checksums.

mod facts;
mod plan;
mod scrub;

pub use plan::{Facts, Job, Policy, SegmentFact, next};
pub use scrub::scrub_all;

use crate::collection::Collection;
use crate::local::World;
use elanus_runtime::pool::panic_text;
use elanus_segment::Segment;
use elanus_types::{Error, ErrorKind, Result};
use parking_lot::Mutex;
use std::panic::{AssertUnwindSafe, catch_unwind};
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
            // Long before writers have to do it.
            if world.memory.exceeds(2)
                && let Err(error) = world.seal_largest()
            {
                tracing::warn!(%error, "cannot make room in memory, will try again");
                std::thread::sleep(PAUSE * 10);
            }
            false
        })?;
        let builder = spawn(world, "elanus-build", |world| {
            world.open_collections().iter().any(|collection| build_if_due(world, collection))
        })?;
        let mut threads = vec![sealer, builder];
        if world.options.scrub_millis > 0 {
            threads.push(scrub::start(world)?);
        }
        Ok(Self { world: Arc::clone(world), threads: Mutex::new(threads) })
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
fn spawn(
    world: &Arc<World>,
    name: &str,
    mut step: impl FnMut(&World) -> bool + Send + 'static,
) -> Result<JoinHandle<()>> {
    let world = Arc::clone(world);
    let body = move || {
        while !world.closing.is_cancelled() {
            match catch_unwind(AssertUnwindSafe(|| step(&world))) {
                Ok(true) => {}
                Ok(false) => std::thread::sleep(PAUSE),
                // A thread that ended would leave rows unsealed for good.
                Err(panic) => {
                    tracing::error!(reason = panic_text(&*panic), "maintenance panicked, will go on");
                    std::thread::sleep(PAUSE * 10);
                }
            }
        }
    };
    let thread = std::thread::Builder::new().name(name.to_owned()).spawn(body);
    thread.map_err(|error| Error::internal(format!("cannot start the thread {name}: {error}")))
}

fn seal_if_due(world: &World, collection: &Collection) {
    let memory = collection.memory_bytes();
    // How much of the log this collection holds back: sealing it must help, and others are left alone.
    let needed = collection.need.lock().first();
    let held = needed.map_or(0, |first| world.log.end().saturating_sub(first));
    let due = memory > world.options.seal_bytes()
        || (memory > 0 && collection.is_quiet(world))
        || held > world.options.log_bytes;
    if due {
        seal(world, collection);
    }
}

fn seal(world: &World, collection: &Collection) {
    let catalog = world.catalog();
    let Some(meta) = catalog.collections.get(&collection.id) else { return };
    if let Err(error) = collection.flush(world, meta)
        && !collection.dropped.load(Ordering::Relaxed)
    {
        tracing::warn!(collection = %meta.name, %error, "cannot seal, the rows stay in memory and in the log; will try again");
        std::thread::sleep(PAUSE * 10);
    }
    world.truncate_log();
}

/// One look of the builder thread at a collection; whether a job was done.
fn build_if_due(world: &World, collection: &Collection) -> bool {
    run_one_job(world, collection).unwrap_or_else(|error| {
        // A collection dropped meanwhile took its folder with it.
        if !world.closing.is_cancelled() && !collection.dropped.load(Ordering::Relaxed) {
            tracing::warn!(collection = collection.id, %error, "maintenance failed, will try again");
            // What failed for want of space may write as much again.
            std::thread::sleep(PAUSE * 10);
        }
        false
    })
}

/// Runs the next merge, index build or measurement of a collection; whether there was one.
fn run_one_job(world: &World, collection: &Collection) -> Result<bool> {
    let catalog = world.catalog();
    let Some(meta) = catalog.collections.get(&collection.id) else { return Ok(false) };
    let facts = collection.facts(world, meta);
    let Some(job) = next(&facts, &world.options.policy) else {
        // Converged. Segments too small for an index stay without one: they are no reason to hurry.
        collection.urgent.store(false, Ordering::Relaxed);
        return Ok(false);
    };
    let done = match &job {
        Job::Merge(segments) => collection.merge(world, meta, segments),
        Job::Scalar(segment, _, index) => collection.build_scalar(world, meta, *segment, *index),
        Job::Index(segment, field) => collection.build_index(world, meta, *segment, *field),
        Job::Learn(segment, field) => collection.learn(world, meta, *segment, *field),
    };
    done.map(|()| true).map_err(|error| {
        if error.kind() == ErrorKind::Damaged {
            close_if_damaged(world, collection, &job);
        }
        error.context(format!("{job:?} of collection {}", meta.name))
    })
}

/// The job would fail again and again, and its rows must not be read either.
fn close_if_damaged(world: &World, collection: &Collection, job: &Job) {
    let segments = match job {
        Job::Merge(segments) => segments.as_slice(),
        Job::Index(segment, _) | Job::Learn(segment, _) | Job::Scalar(segment, ..) => {
            std::slice::from_ref(segment)
        }
    };
    let set = collection.view().set;
    let sources = set.sealed.iter().filter(|segment| segments.contains(&segment.id()));
    sources.for_each(|segment| collection.close_if_damaged(world, segment));
}

/// Seals, merges and indexes every open collection until nothing is left to do.
pub fn run_until_idle(world: &World) -> Result<()> {
    for collection in world.open_collections() {
        let catalog = world.catalog();
        let Some(meta) = catalog.collections.get(&collection.id) else { continue };
        collection.urgent.store(true, Ordering::Relaxed);
        collection.flush(world, meta)?;
        world.truncate_log();
        while run_one_job(world, &collection)? {}
    }
    Ok(())
}
