//! Bytes that last: disk, log, versioned objects, memory maps.
//!
//! All local bytes go through the small trait [`Disk`], so that a test can put a lying one underneath. Nothing
//! here knows what the bytes mean: records, objects and columns belong to the crates above.
//! Byte layouts are in `docs/formats/`.

pub mod disk;
pub mod local;
pub mod mapped;
#[cfg(test)]
mod testing;
pub mod versioned;
pub mod wal;

pub use disk::{AppendFile, Disk, Published, ReadFile};
pub use local::{FolderLock, LocalDisk};
pub use mapped::Mapped;
pub use versioned::Versioned;
pub use wal::{FileWal, Position, Ticket, WalOptions};
