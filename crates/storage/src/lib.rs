//! Bytes that last: disk, log, versioned objects, memory maps, tables.
//!
//! All local bytes go through the small trait [`Disk`], so that a test can put a lying one underneath. Nothing
//! here knows what the bytes mean: records, objects and rows belong to the crates above.
//! Byte layouts are in `docs/formats/`.

pub mod blocks;
pub mod container;
pub mod disk;
pub mod local;
pub mod mapped;
pub mod sim;
pub mod table;
#[cfg(test)]
mod testing;
pub mod versioned;
pub mod wal;

pub use blocks::{BlockCheck, BlockWriter, FinishedFile, check_blocks};
pub use container::{Container, write_container};
pub use disk::{AppendFile, Disk, Published, ReadFile};
pub use local::{FolderLock, LocalDisk};
pub use mapped::Mapped;
pub use sim::SimDisk;
pub use table::{Table, TableColumn, TableFile, Values, write_table};
pub use versioned::Versioned;
pub use wal::{FileWal, Hole, Position, Ticket, WalOptions};
