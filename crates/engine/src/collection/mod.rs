//! One open collection: its segments, the order of its writes, its manifest.

mod apply;
mod asked;
mod broken;
mod checked;
mod cluster;
mod commit;
mod compact;
mod flush;
mod index;
mod learn;
mod manifest;
mod need;
mod open;
pub mod scalar;
mod scrub;
#[cfg(test)]
pub(crate) mod tests;
mod turns;
mod writing;

pub use checked::Checked;
pub use manifest::Manifest;
pub use need::LogNeed;
pub use open::COLLECTIONS_DIR;
pub use scrub::{BLOCKS, DAMAGE};

use crate::local::World;
use elanus_segment::Sealed;
use elanus_segment::{Growing, Segment, SegmentId};
use elanus_storage::{Disk, Position, Versioned};
use elanus_types::{CollectionId, CollectionSchema, FieldId, PartitionId, Timestamp};
use parking_lot::{Mutex, RwLock};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use turns::Turns;

/// An open collection.
pub struct Collection {
    /// Number.
    pub id: CollectionId,
    /// Its folder.
    pub dir: String,
    disk: Arc<dyn Disk>,
    /// Held while a write's timestamp and log position are fixed.
    pub order: Mutex<()>,
    /// Applies writes in log order.
    pub turns: Turns,
    /// Held while segments or their contents change; readers never take it.
    changing: Mutex<()>,
    view: RwLock<View>,
    commit: Mutex<commit::CommitState>,
    versions: Versioned,
    writing: writing::Writing,
    /// Held while a merge or an index build runs: two at once could choose the same segments.
    pub jobs: Mutex<()>,
    horizon: AtomicU64,
    /// The collection left the catalog: writes are refused.
    pub dropped: AtomicBool,
    broken: broken::Broken,
    /// When all files were last compared with their checksums, and what was found.
    pub checked: Mutex<Checked>,
    /// Bytes of growing and frozen segments, as the budget knows them. Changes under `changing`.
    memory: AtomicUsize,
    /// Which part of the log this collection needs.
    pub need: Mutex<LogNeed>,
    /// Unix milliseconds of the last write.
    pub last_write: AtomicU64,
    /// Set by an explicit flush or index request: maintenance need not wait for quiet.
    pub urgent: AtomicBool,
    /// Why index builds failed, by segment and number of the index: another index of the field is tried anew.
    pub failures: Mutex<HashMap<(SegmentId, i64), String>>,
    /// Queries asked lately.
    pub asked: asked::AskedQueries,
    /// Progress of the index build under way.
    pub building: Mutex<Option<(SegmentId, FieldId, elanus_runtime::Progress)>>,
}

/// What a read sees: a set of segments and the newest timestamp applied to them.
#[derive(Clone)]
pub struct View {
    /// The segments.
    pub set: Arc<SegmentSet>,
    /// Newest timestamp applied.
    pub applied: Timestamp,
    /// Log position just after the newest record applied.
    pub until: Position,
}

/// The segments of a collection at one moment.
#[derive(Clone, Default)]
pub struct SegmentSet {
    /// In memory, taking rows; one per partition in use.
    pub growing: BTreeMap<PartitionId, Arc<Growing>>,
    /// In memory, full, waiting for their files.
    pub frozen: Vec<Arc<Growing>>,
    /// In files.
    pub sealed: Vec<Arc<Sealed>>,
}

impl SegmentSet {
    /// Every segment.
    pub fn iter(&self) -> impl Iterator<Item = Arc<dyn Segment>> + '_ {
        let sealed = self.sealed.iter().map(|s| Arc::clone(s) as Arc<dyn Segment>);
        let memory = self.frozen.iter().chain(self.growing.values());
        sealed.chain(memory.map(|g| Arc::clone(g) as Arc<dyn Segment>))
    }

    /// Every segment as a schema sees it that may have fields the segments were made without.
    pub fn iter_with<'a>(
        &'a self,
        schema: &'a Arc<CollectionSchema>,
    ) -> impl Iterator<Item = Arc<dyn Segment>> + 'a {
        self.iter().map(move |segment| match segment.schema().version < schema.version {
            true => segment.read_with(schema),
            false => segment,
        })
    }

    /// Bytes held by segments that are not in files yet.
    pub fn memory_bytes(&self) -> usize {
        self.frozen.iter().chain(self.growing.values()).map(|g| g.memory_bytes()).sum()
    }
}

impl Collection {
    /// What a read beginning now sees.
    pub fn view(&self) -> View {
        self.view.read().clone()
    }

    /// A live segment in files; `None` when it is gone.
    pub fn sealed(&self, id: SegmentId) -> Option<Arc<Sealed>> {
        self.view().set.sealed.iter().find(|segment| segment.id() == id).cloned()
    }

    /// Bytes of the rows that are in no file yet.
    pub fn memory_bytes(&self) -> usize {
        self.memory.load(Ordering::Relaxed)
    }

    /// The collection left the catalog: refuses writes from now on.
    pub fn close(&self, world: &World) {
        let _changing = self.changing.lock();
        self.dropped.store(true, Ordering::Relaxed);
        self.forget_memory(world);
    }

    /// What is in memory cannot be sealed any more: the budget is for the others.
    fn forget_memory(&self, world: &World) {
        world.memory.moved(self.memory.swap(0, Ordering::Relaxed), 0);
    }

    /// Tells the budget what is in memory now. The caller holds `changing`.
    fn note_memory(&self, world: &World) {
        if self.dropped.load(Ordering::Relaxed) {
            return;
        }
        let after = self.view().set.memory_bytes();
        world.memory.moved(self.memory.swap(after, Ordering::Relaxed), after);
    }

    fn replace_set(&self, change: impl FnOnce(&mut SegmentSet)) {
        let mut set = SegmentSet::clone(&self.view().set);
        change(&mut set);
        self.view.write().set = Arc::new(set);
    }
}
