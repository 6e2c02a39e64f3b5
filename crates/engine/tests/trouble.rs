//! Trouble below the engine, and what users see of it: an error that says what to do, and never a wrong row.

#[path = "trouble/alter.rs"]
mod alter;
#[path = "trouble/broken.rs"]
mod broken;
#[path = "trouble/calls.rs"]
mod calls;
#[path = "trouble/disk.rs"]
mod disk;
#[path = "trouble/index.rs"]
mod index;
#[path = "trouble/memory.rs"]
mod memory;
#[path = "trouble/opening.rs"]
mod opening;
#[path = "trouble/rows.rs"]
mod rows;
#[path = "trouble/scrub.rs"]
mod scrub;
#[path = "trouble/ttl.rs"]
mod ttl;
