//! The budget of rows in memory over all collections: what is growing, and what writes under way will add.

use super::World;
use elanus_types::input::InputData;
use elanus_types::write::InsertRequest;
use elanus_types::{Error, ErrorKind, Result};
use parking_lot::{Condvar, Mutex};
use std::time::Duration;

/// How often a write that waits for others looks again.
const PAUSE: Duration = Duration::from_millis(100);
/// It gives up after so many looks.
const LOOKS: usize = 100;

/// What is held, and how much may be.
pub struct Memory {
    limit: usize,
    held: Mutex<Held>,
    freed: Condvar,
    /// Held while somebody makes room: the others see first whether it was enough.
    sealing: Mutex<()>,
}

#[derive(Default)]
struct Held {
    growing: usize,
    requests: usize,
}

/// Room for a write under way, until it is dropped.
pub struct Reserved<'a> {
    memory: &'a Memory,
    bytes: usize,
}

impl Memory {
    /// At most `limit` bytes, or one write where there is nothing else.
    pub fn new(limit: usize) -> Self {
        let (held, freed, sealing) = Default::default();
        Self { limit, held, freed, sealing }
    }

    fn try_reserve(&self, bytes: usize) -> Option<Reserved<'_>> {
        let mut held = self.held.lock();
        let before = held.growing.saturating_add(held.requests);
        if before > 0 && before.saturating_add(bytes) > self.limit {
            return None;
        }
        held.requests = held.requests.saturating_add(bytes);
        Some(Reserved { memory: self, bytes })
    }

    /// The growing rows of a collection went from `before` bytes to `after`.
    pub fn moved(&self, before: usize, after: usize) {
        if before == after {
            return;
        }
        let mut held = self.held.lock();
        held.growing = held.growing.saturating_sub(before).saturating_add(after);
        if after < before {
            self.freed.notify_all();
        }
    }

    /// Whether growing rows alone take more than one part in `share` of the budget.
    pub fn exceeds(&self, share: usize) -> bool {
        self.held.lock().growing > self.limit / share.max(1)
    }

    fn full(&self) -> Error {
        let held = self.held.lock();
        Error::new(
            ErrorKind::QuotaExceeded,
            format!(
                "quota exceeded[reason=memory quota exceeded, please allocate more resources]: rows in memory have {} \
                 bytes and writes under way {}, the setting growing_memory allows {}; write slower or raise it",
                held.growing, held.requests, self.limit
            ),
        )
    }
}

impl Drop for Reserved<'_> {
    fn drop(&mut self) {
        let mut held = self.memory.held.lock();
        held.requests = held.requests.saturating_sub(self.bytes);
        self.memory.freed.notify_all();
    }
}

impl World {
    /// Room for a write of about `bytes`. When the budget is used up, the largest collections are sealed in the
    /// caller's time; then it waits for other writes to end.
    pub fn make_room(&self, bytes: usize) -> Result<Reserved<'_>> {
        for _ in 0..LOOKS {
            if let Some(reserved) = self.memory.try_reserve(bytes) {
                return Ok(reserved);
            }
            let sealing = self.memory.sealing.lock();
            while self.memory.exceeds(2) && self.seal_largest()? {}
            if let Some(reserved) = self.memory.try_reserve(bytes) {
                return Ok(reserved);
            }
            if !self.seal_largest()? {
                drop(sealing);
                // What is left belongs to other writes; they end, or are sealed with the next look.
                let mut held = self.memory.held.lock();
                self.memory.freed.wait_for(&mut held, PAUSE);
            }
        }
        Err(self.memory.full())
    }

    /// Seals the collection with the most bytes in memory; false when there is none.
    pub fn seal_largest(&self) -> Result<bool> {
        let open = self.open_collections();
        let Some(largest) = open.iter().max_by_key(|collection| collection.memory_bytes()) else {
            return Ok(false);
        };
        let catalog = self.catalog();
        let Some(meta) = catalog.collections.get(&largest.id).filter(|_| largest.memory_bytes() > 0) else {
            return Ok(false);
        };
        let sealed = largest.flush(self, meta);
        let context = || format!("sealing collection {} to make room in memory", meta.name);
        sealed.map(|_| true).map_err(|error| error.context(context()))
    }
}

/// About how many bytes the rows of a request take.
pub fn size_of(request: &InsertRequest) -> usize {
    request.fields.iter().map(|field| size_of_data(&field.data)).sum()
}

fn size_of_data(data: &InputData) -> usize {
    match data {
        InputData::Empty | InputData::Unsupported(_) => 0,
        InputData::Bool(values) => values.len(),
        InputData::Int(values) => values.len() * 4,
        InputData::Long(values) => values.len() * 8,
        InputData::Float(values) => values.len() * 4,
        InputData::Double(values) => values.len() * 8,
        InputData::Text(values)
        | InputData::Wkt(values)
        | InputData::Json(values)
        | InputData::Sparse(values) => values.iter().map(|value| value.len() + 4).sum(),
        InputData::Array(rows) | InputData::Vectors(rows) => rows.iter().map(size_of_data).sum(),
        InputData::Vector { data, .. } => data.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_larger_than_the_budget_passes_alone() {
        let memory = Memory::new(100);
        let large = memory.try_reserve(1000).expect("nothing else is there");
        assert!(memory.try_reserve(1).is_none());
        drop(large);
        memory.moved(0, 60);
        assert!(memory.try_reserve(41).is_none());
        let fits = memory.try_reserve(40).expect("fits");
        assert!(memory.exceeds(2) && !memory.exceeds(1));
        memory.moved(60, 0);
        assert!(memory.try_reserve(61).is_none(), "the first is under way");
        drop(fits);
        assert!(memory.try_reserve(61).is_some());
    }
}
