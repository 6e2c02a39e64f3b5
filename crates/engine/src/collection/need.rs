//! Which part of the log a collection still needs.

use elanus_storage::Position;
use std::collections::BTreeMap;

/// Records of a collection in the log that are in no committed manifest.
///
/// A record is noted here in the same step in which it gets its place in the log, long before it is applied, so that
/// the log is never truncated under a write on its way.
#[derive(Clone, Debug, Default)]
pub struct LogNeed {
    /// Where records on their way begin and end: they are in the log, or soon will be, and not applied yet.
    queued: BTreeMap<Position, Position>,
    /// Where the applied records that no manifest covers begin and end.
    applied: Option<(Position, Position)>,
    /// A committed manifest covers everything applied before this position.
    covered: Position,
}

impl LogNeed {
    /// A record got the place `position..next`.
    pub fn enqueued(&mut self, position: Position, next: Position) {
        self.queued.insert(position, next);
    }

    /// The record at `position` is durable; whether it could be applied or not, only a manifest replaces it.
    pub fn applied(&mut self, position: Position) {
        let Some(next) = self.queued.remove(&position).filter(|next| *next > self.covered) else { return };
        let (first, end) = self.applied.unwrap_or((position, next));
        self.applied = Some((first.min(position), end.max(next)));
    }

    /// The record at `position` did not become durable: nobody needs its place.
    pub fn failed(&mut self, position: Position) {
        self.queued.remove(&position);
    }

    /// A committed manifest covers everything applied before `position`.
    pub fn covered(&mut self, position: Position) {
        self.covered = self.covered.max(position);
        let left = self.applied.filter(|(_, end)| *end > position);
        self.applied = left.map(|(first, end)| (first.max(position), end));
    }

    /// Where the needed part begins; `None` = nothing is needed.
    pub fn first(&self) -> Option<Position> {
        let queued = self.queued.keys().next().copied();
        let applied = self.applied.map(|(first, _)| first);
        queued.into_iter().chain(applied).min()
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
        need.applied(10);
        need.covered(20);
        assert_eq!(need.first(), Some(20), "the second record is in no manifest");
        need.applied(20);
        need.covered(30);
        assert_eq!(need.first(), None);
    }

    #[test]
    fn a_record_that_was_not_written_needs_nothing() {
        let mut need = LogNeed::default();
        need.enqueued(10, 20);
        need.applied(10);
        need.covered(20);
        need.enqueued(20, 30);
        need.failed(20);
        assert_eq!(need.first(), None, "the log must not wait for a record that never was");
    }

    #[test]
    fn a_manifest_may_come_between_a_record_and_the_note_that_it_was_applied() {
        let mut need = LogNeed::default();
        need.enqueued(10, 20);
        need.covered(20);
        need.applied(10);
        assert_eq!(need.first(), None);
    }
}
