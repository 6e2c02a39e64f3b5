//! Which part of the log a collection still needs.

use elanus_storage::Position;

/// Records of a collection in the log: from where on they are in no committed manifest, and where the newest ends.
///
/// A record is noted here in the same step in which it gets its place in the log, long before it is applied, so that
/// the log is never truncated under a write on its way.
#[derive(Clone, Copy, Debug, Default)]
pub struct LogNeed {
    first: Option<Position>,
    end: Position,
}

impl LogNeed {
    /// A record got the place `position..next`.
    pub fn enqueued(&mut self, position: Position, next: Position) {
        self.first = Some(self.first.unwrap_or(position).min(position));
        self.end = self.end.max(next);
    }

    /// A committed manifest covers everything before `position`.
    pub fn covered(&mut self, position: Position) {
        self.first = (self.end > position).then_some(position);
    }

    /// Where the needed part begins; `None` = nothing is needed.
    pub fn first(&self) -> Option<Position> {
        self.first
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_needed_from_its_place_in_the_log_until_a_manifest_covers_it() {
        let mut need = LogNeed::default();
        assert_eq!(need.first(), None);
        need.enqueued(10, 20);
        need.enqueued(20, 30);
        assert_eq!(need.first(), Some(10));
        need.covered(20);
        assert_eq!(need.first(), Some(20), "the second record is in no manifest");
        need.covered(30);
        assert_eq!(need.first(), None);
    }
}
