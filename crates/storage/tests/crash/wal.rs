use crate::{assert_honest, calm, rounds, trouble};
use elanus_storage::wal::Bytes;
use elanus_storage::{FileWal, Position, SimDisk, WalOptions};
use elanus_types::Result;
use fastrand::Rng;
use std::sync::Arc;

type Record = (Position, Vec<u8>);

/// What the log must, may and must not hold.
#[derive(Default)]
struct Model {
    /// Acknowledged, or seen after a reopening: these stay.
    sure: Vec<Record>,
    /// Failed or in flight; each may be found at the next opening if nothing after it was acknowledged.
    maybe: Vec<Record>,
    /// Records before this may be gone.
    truncated: Position,
    written: u64,
}

impl Model {
    fn append(&mut self, wal: &FileWal, random: &mut Rng) {
        let mut tickets = Vec::new();
        for _ in 0..random.usize(1..4) {
            self.written += 1;
            let size = if random.u8(..10) == 0 { random.usize(..9_000) } else { random.usize(..200) };
            let mut payload = self.written.to_le_bytes().to_vec();
            payload.resize_with(8 + size, || random.u8(..));
            let (begin, end) = payload.split_at(random.usize(..payload.len()));
            let parts = vec![Bytes::copy_from_slice(begin), Bytes::copy_from_slice(end)];
            tickets.push((wal.enqueue(parts).expect("small"), payload));
        }
        let outcomes: Vec<Result<()>> = tickets.iter().map(|(ticket, _)| wal.wait(ticket)).collect();
        for ((ticket, payload), outcome) in tickets.into_iter().zip(outcomes) {
            match outcome {
                Ok(()) => {
                    self.maybe.clear();
                    self.sure.push((ticket.position(), payload));
                }
                Err(error) => {
                    assert_honest(&error);
                    self.maybe.push((ticket.position(), payload));
                }
            }
        }
    }

    fn truncate(&mut self, wal: &FileWal, random: &mut Rng) {
        let Some((position, _)) = random.choice(&self.sure) else { return };
        let position = if random.bool() { wal.end() } else { *position };
        self.truncated = self.truncated.max(position);
        if let Err(error) = wal.truncate_before(position) {
            assert_honest(&error);
        }
    }

    /// Compares with a log that runs: all that is sure, nothing else.
    fn check(&self, wal: &FileWal) {
        let begin = wal.begin();
        assert!(begin <= self.truncated, "begins at {begin}, truncated before {}", self.truncated);
        let expected: Vec<_> = self.sure.iter().filter(|(position, _)| *position >= begin).collect();
        let found = records(wal);
        assert_eq!(found.len(), expected.len(), "sure {:?} found {:?}", places(&self.sure), places(&found));
        assert!(found.iter().eq(expected));
    }

    /// Compares with a log just opened; what it has beyond what is sure is sure from now on.
    fn settle(&mut self, wal: &FileWal) {
        let found = records(wal);
        let last = self.sure.last().map_or(0, |(position, _)| position + 1);
        for record in found.iter().filter(|(position, _)| *position >= last) {
            assert!(self.maybe.contains(record), "nobody wrote this at {}", record.0);
            self.sure.push(record.clone());
        }
        self.maybe.clear();
        self.check(wal);
    }
}

fn places(records: &[Record]) -> Vec<Position> {
    records.iter().map(|(position, _)| *position).collect()
}

fn records(wal: &FileWal) -> Vec<Record> {
    let mut found = Vec::new();
    let read = wal.read_from(wal.begin(), &mut |position, payload| {
        found.push((position, payload.to_vec()));
        Ok(())
    });
    read.expect("reading works");
    found
}

fn open(disk: &SimDisk, file_bytes: u64) -> Result<FileWal> {
    FileWal::open(Arc::new(disk.clone()), "log", WalOptions { file_bytes })
}

/// Opens the log through trouble and crashes, until it opens.
fn reopen(disk: &mut SimDisk, file_bytes: u64, random: &mut Rng) -> FileWal {
    for _ in 0..random.u8(..3) {
        trouble(disk, random);
        if let Err(error) = open(disk, file_bytes) {
            assert_honest(&error);
        }
        calm(disk);
        if disk.stopped() || random.bool() {
            *disk = disk.crash();
        }
    }
    open(disk, file_bytes).expect("opens after any crash")
}

#[test]
fn keeps_what_it_acknowledged_through_crashes() {
    rounds(4_000, |random, mut disk| {
        let file_bytes = random.u64(100..3_000);
        let mut model = Model::default();
        for _ in 0..random.u8(2..6) {
            let wal = reopen(&mut disk, file_bytes, random);
            model.settle(&wal);
            for _ in 0..random.u8(..12) {
                trouble(&disk, random);
                match random.u8(..8) {
                    0 => model.truncate(&wal, random),
                    _ => model.append(&wal, random),
                }
                if disk.stopped() {
                    break;
                }
                calm(&disk);
                model.check(&wal);
            }
            drop(wal);
            // Sometimes only the process dies.
            if disk.stopped() || random.u8(..4) > 0 {
                disk = disk.crash();
            }
        }
        let wal = reopen(&mut disk, file_bytes, random);
        model.settle(&wal);
        drop(wal);
        model.check(&open(&disk.crash(), file_bytes).expect("a second time"));
    });
}

#[test]
fn a_failed_sync_loses_only_what_it_covered() {
    rounds(300, |random, disk| {
        let mut model = Model::default();
        let wal = open(&disk, 1 << 20).expect("open");
        for _ in 0..4 {
            model.append(&wal, random);
            disk.fail_next(elanus_storage::sim::Operation::Sync, elanus_types::ErrorKind::Io);
            let before = model.sure.len();
            model.append(&wal, random);
            assert_eq!(model.sure.len(), before, "nothing is acknowledged by a failed sync");
            model.append(&wal, random);
            assert!(model.sure.len() > before, "the log goes on in a new file");
        }
        model.settle(&open(&disk.crash(), 1 << 20).expect("opens"));
    });
}

#[test]
fn a_full_disk_is_an_error_until_there_is_space() {
    rounds(300, |random, disk| {
        let mut model = Model::default();
        let wal = open(&disk, 500).expect("open");
        model.append(&wal, random);
        disk.set_capacity(disk.used() + random.u64(..40));
        let before = model.sure.len();
        model.append(&wal, random);
        model.append(&wal, random);
        assert!(model.sure.len() == before && !model.maybe.is_empty());
        model.check(&wal);
        if random.bool() {
            // Full at the time of opening: the log is read all the same.
            drop(wal);
            let disk = disk.crash();
            let wal = open(&disk, 500).expect("opens on a full disk");
            let found = records(&wal);
            assert!(found.starts_with(&model.sure));
            calm(&disk);
            model.settle(&wal);
            model.append(&wal, random);
            model.check(&wal);
            assert!(model.maybe.is_empty());
        } else {
            calm(&disk);
            model.append(&wal, random);
            model.check(&wal);
        }
    });
}
