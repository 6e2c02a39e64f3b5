//! Columns of rows in a plain Apache Arrow IPC file.
//!
//! A file holds one record batch without compression, so every column is one run of bytes: mapped, it serves
//! reads in place, and any Arrow reader can open it. Only booleans and validity bits take memory when they are
//! first asked for, because Arrow packs them.
//!
//! Opening reads the head (schema, layout of the batch) and the tail (footer) and compares them with their
//! checksum. The bytes between are the caller's to check, see [`Table::check_blocks`]; whatever they hold, reading
//! columns never goes out of bounds.

mod layout;
mod open;
mod schema;
mod stored;
#[cfg(test)]
mod tests;
mod write;

pub use open::Table;
pub use schema::StoredField;
pub use write::{TableColumn, TableFile, Values, write_table};

/// What files of this kind begin with, and end with but for the zeros.
const MAGIC: &[u8; 8] = b"ARROW1\0\0";
/// The ending of a file.
const END: &[u8; 6] = b"ARROW1";
/// Where buffers begin: multiples of a cache line.
const ALIGNMENT: usize = 64;
/// Precedes the length of every message.
const CONTINUATION: [u8; 4] = [0xff; 4];
/// The version of what Elanus puts into the schema's metadata.
const FORMAT: &str = "0";
