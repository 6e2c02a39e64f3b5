use crate::{assert_honest, calm, rounds, trouble};
use elanus_storage::{SimDisk, Versioned};
use elanus_types::Result;
use fastrand::Rng;
use std::sync::Arc;

type Version = (u64, Vec<u8>);

fn open(disk: &SimDisk) -> Result<Versioned> {
    Versioned::open(Arc::new(disk.clone()), "objects/one", *b"TESTTEST")
}

/// What the object must be, and what it may be instead.
#[derive(Default)]
struct Model {
    sure: Option<Version>,
    maybe: Vec<Version>,
}

impl Model {
    fn commit(&mut self, store: &Versioned, random: &mut Rng) {
        let newest = self.maybe.iter().chain(&self.sure).map(|(number, _)| *number).max();
        let number = newest.unwrap_or(0) + random.u64(1..3);
        let len = random.usize(..6_000);
        let bytes: Vec<u8> = std::iter::repeat_with(|| random.u8(..)).take(len).collect();
        match store.commit(number, &bytes) {
            Ok(()) => {
                self.sure = Some((number, bytes));
                self.maybe.clear();
            }
            Err(error) => {
                assert_honest(&error);
                self.maybe.push((number, bytes));
            }
        }
    }

    /// What is there becomes sure: whoever reads it may act on it, so the next crash must not take it back.
    fn read(&mut self, store: &Versioned) {
        let newest = store.load_newest().expect("the newest is whole");
        let known = newest == self.sure || newest.as_ref().is_some_and(|newest| self.maybe.contains(newest));
        assert!(known, "version {:?}", newest.map(|(number, _)| number));
        self.maybe.retain(|(number, _)| newest.as_ref().is_none_or(|(newest, _)| number > newest));
        self.sure = newest;
    }
}

#[test]
fn the_newest_version_is_whole_and_never_goes_back() {
    rounds(3_000, |random, mut disk| {
        let mut model = Model::default();
        for _ in 0..random.u8(2..6) {
            trouble(&disk, random);
            let opened = open(&disk);
            calm(&disk);
            let Ok(store) = opened else {
                disk = disk.crash();
                continue;
            };
            if !disk.stopped() {
                model.read(&store);
            }
            if random.bool() {
                // What was read must be there after a power loss.
                disk = disk.crash();
                continue;
            }
            for _ in 0..random.u8(..5) {
                trouble(&disk, random);
                match random.u8(..5) {
                    0 => store.prune(random.usize(..3)).unwrap_or_else(|error| assert_honest(&error)),
                    _ => model.commit(&store, random),
                }
                calm(&disk);
                if disk.stopped() {
                    break;
                }
            }
            // Sometimes only the process dies.
            if disk.stopped() || random.bool() {
                disk = disk.crash();
            }
        }
        let store = open(&disk).expect("opens");
        model.read(&store);
    });
}
