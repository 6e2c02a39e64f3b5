//! How an embedded database is opened.

use crate::maintain::Policy;
use crate::validate::limits::Limits;

/// What an insert does with a primary key that exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum DuplicateKey {
    /// The new row takes the old one's place.
    #[default]
    Replace,
    /// Both stay, as in Milvus.
    Keep,
    /// The insert is refused.
    Reject,
}

/// Settings of an open database.
#[derive(Clone, Debug)]
pub struct Options {
    /// Threads that search and build; 0 = one per core.
    pub threads: usize,
    /// What an insert does with a primary key that exists.
    pub duplicate_key: DuplicateKey,
    /// Growing rows of a collection beyond this many bytes are sealed. Large, because sealing beside a load halves its
    /// speed and leaves more to merge; replaying as much from the log takes some tenths of a second.
    pub growing_bytes: usize,
    /// Growing rows of all collections and writes under way stay below about this many bytes: the largest collections are
    /// sealed, and writers wait.
    pub growing_memory: usize,
    /// Memory for vector indexes and the vectors they are refined with, by which AUTOINDEX chooses; 0 = three quarters of
    /// what this process may use.
    pub index_bytes: u64,
    /// The log is kept below about this many bytes by sealing what holds it back.
    pub log_bytes: u64,
    /// Size of one log file.
    pub log_file_bytes: u64,
    /// The catalog's checkpoint moves on once this much of the log lies behind it.
    pub checkpoint_bytes: u64,
    /// Old versions of rows stay readable this long.
    pub retention_millis: u64,
    /// After this long without a write a collection converges: everything sealed, merged, indexed.
    pub quiet_millis: u64,
    /// All files of a collection are compared with their checksums once in this time; 0 = never.
    pub scrub_millis: u64,
    /// Shapes of segments.
    pub policy: Policy,
    /// Limits of requests and schemas.
    pub limits: Limits,
    /// Run maintenance in the background.
    pub maintenance: bool,
}

impl Options {
    /// Bytes of growing rows from which a collection is sealed: a quarter of the budget of all at most.
    pub fn seal_bytes(&self) -> usize {
        self.growing_bytes.min(self.growing_memory / 4)
    }

    /// Bytes for vector indexes; `None` where nobody knows how many there are.
    pub fn index_memory(&self) -> Option<u64> {
        match self.index_bytes {
            0 => elanus_runtime::memory::total().map(|bytes| bytes / 4 * 3),
            bytes => Some(bytes),
        }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            threads: 0,
            duplicate_key: DuplicateKey::default(),
            growing_bytes: 256 << 20,
            growing_memory: 1 << 30,
            index_bytes: 0,
            log_bytes: 512 << 20,
            log_file_bytes: 64 << 20,
            checkpoint_bytes: 1 << 20,
            retention_millis: 15 * 60 * 1000,
            quiet_millis: 2000,
            scrub_millis: 24 * 60 * 60 * 1000,
            policy: Policy::default(),
            limits: Limits::default(),
            maintenance: true,
        }
    }
}
