//! One round: a database on a simulated disk, what it must hold, and what it may hold instead.

use crate::calls;
use crate::generate;
use crate::reference::{Change, World, vector};
use elanus_engine::{Db, LocalDb, Options};
use elanus_runtime::ManualClock;
use elanus_storage::SimDisk;
use elanus_storage::sim::Operation;
use elanus_types::{Error, ErrorKind, Result, Value};
use fastrand::Rng;
use std::sync::Arc;

const PLENTY: u64 = 64 << 20;

pub struct Round {
    random: Rng,
    disk: SimDisk,
    clock: Arc<ManualClock>,
    /// Everything acknowledged.
    sure: World,
    /// With one of the changes that failed since: it may be there after a reopening.
    maybe: Vec<World>,
    log: Vec<String>,
}

impl Round {
    pub fn new(seed: u64) -> Self {
        let clock = Arc::new(ManualClock::new(1_700_000_000_000));
        let (random, disk) = (Rng::with_seed(seed), SimDisk::new(seed));
        Self { random, disk, clock, sure: World::default(), maybe: Vec::new(), log: Vec::new() }
    }

    pub async fn run(mut self) {
        for _ in 0..self.random.u8(2..5) {
            let db = self.open();
            self.settle(&*db).await;
            for _ in 0..self.random.u8(..25) {
                self.clock.advance(self.random.u64(..3));
                self.step(&db).await;
                if self.disk.stopped() {
                    break;
                }
            }
            drop(db);
            if self.disk.stopped() || self.random.u8(..4) > 0 {
                self.disk = self.disk.crash();
                self.log.push("crash".to_owned());
            }
        }
        let db = self.open();
        self.settle(&*db).await;
    }

    fn try_open(&self) -> Result<Arc<LocalDb>> {
        let options = Options {
            maintenance: false,
            threads: 1,
            log_file_bytes: 3_000,
            growing_bytes: 2_000,
            ..Options::default()
        };
        LocalDb::open_on(Arc::new(self.disk.clone()), Arc::clone(&self.clock) as _, options)
    }

    /// Opens, after some tries that fail.
    fn open(&mut self) -> Arc<LocalDb> {
        while self.random.u8(..3) == 0 {
            self.trouble();
            if let Err(error) = self.try_open() {
                self.honest("open", &error);
            }
            self.calm();
            if self.disk.stopped() {
                self.disk = self.disk.crash();
            }
        }
        self.try_open().unwrap_or_else(|error| panic!("does not open: {error:?}\n{}", self.log.join("\n")))
    }

    fn trouble(&mut self) {
        let soon = self.random.u64(..10);
        match self.random.u8(..24) {
            0 => self.disk.fail_next(Operation::Sync, ErrorKind::Io),
            1 => self.disk.fail_next(Operation::SyncDir, ErrorKind::Io),
            2 => self.disk.fail_after(soon, ErrorKind::Io),
            3 => self.disk.fail_after(soon, ErrorKind::DiskFull),
            4 => self.disk.set_capacity(self.disk.used() + self.random.u64(..600)),
            5 => self.disk.stop_after(soon),
            _ => {}
        }
    }

    fn calm(&self) {
        self.disk.heal();
        self.disk.set_capacity(PLENTY);
    }

    async fn step(&mut self, db: &Arc<LocalDb>) {
        self.trouble();
        match self.random.u8(..10) {
            0..=5 => self.change(&**db).await,
            6 => self.query(&**db).await,
            7 => self.search(&**db).await,
            8 => self.flush(&**db).await,
            _ => {
                if let Err(error) = db.maintain() {
                    self.honest("maintain", &error);
                }
            }
        }
        self.calm();
        if !self.disk.stopped() && self.random.u8(..4) == 0 {
            match calls::dump(&**db).await {
                Ok(held) => {
                    self.compare(&held, &[&self.sure]);
                }
                Err(error) => panic!("dump: {error:?}\n{}", self.log.join("\n")),
            }
        }
    }

    async fn change(&mut self, db: &dyn Db) {
        let change = generate::change(&mut self.random, &self.sure);
        let mut after = self.sure.clone();
        let legal = after.apply(&change);
        let outcome = calls::change(db, &self.sure, &change).await;
        self.log.push(format!("{change:?} -> {:?}", outcome.as_ref().map_err(Error::message)));
        match outcome {
            Ok(()) => {
                assert!(legal, "accepted:\n{}", self.log.join("\n"));
                // What changes nothing need not reach the log, and then rules out nothing that failed before.
                if after != self.sure {
                    self.maybe.clear();
                }
                self.sure = after;
            }
            Err(error) if error.kind().is_input() => {
                // What the catalog refuses it refuses whole; the next comparison sees to that.
                let rows =
                    matches!(change, Change::Insert { .. } | Change::Number { .. } | Change::Delete { .. });
                assert!(!legal || !rows || self.released(&change), "refused:\n{}", self.log.join("\n"));
            }
            Err(error) => {
                self.honest("change", &error);
                self.maybe.push(after);
            }
        }
    }

    /// Deletes by filter and partial upserts read, and a released collection is not read.
    fn released(&self, change: &Change) -> bool {
        match change {
            Change::Delete { name, .. } | Change::Number { name, .. } => {
                self.sure.table(name).is_some_and(|table| table.released)
            }
            _ => false,
        }
    }

    fn pick(&mut self) -> Option<String> {
        let names: Vec<&String> = self.sure.tables.keys().chain(self.sure.aliases.keys()).collect();
        self.random.choice(&names).map(|name| (*name).clone())
    }

    async fn query(&mut self, db: &dyn Db) {
        let Some(name) = self.pick() else { return };
        let Some(table) = self.sure.table(&name).cloned() else { return };
        let filter = generate::filter(&mut self.random, table.text_keys);
        let text = filter.text(table.text_keys);
        let expected: Vec<_> = table.rows.iter().filter(|(key, row)| filter.matches(key, row)).collect();
        let counting = self.random.bool();
        let page =
            (!counting && self.random.bool()).then(|| (self.random.usize(..4), self.random.usize(1..6)));
        let outputs = if counting { ["count(*)"] } else { ["key"] };
        match calls::query(db, &name, None, &text, &outputs, page).await {
            Ok(_) if table.released => panic!("a released collection answers\n{}", self.log.join("\n")),
            Ok(result) if counting => {
                let count = calls::column(&result, "count(*)").view().value(0);
                assert_eq!(count, Value::Int(expected.len() as i64), "{text}\n{}", self.log.join("\n"));
            }
            Ok(result) => {
                let (offset, limit) = page.unwrap_or((0, usize::MAX));
                let expected: Vec<_> =
                    expected.into_iter().map(|(key, _)| key.clone()).skip(offset).take(limit).collect();
                let found = calls::keys(calls::column(&result, "key"));
                assert_eq!(found, expected, "{text} {page:?}\n{}", self.log.join("\n"));
            }
            Err(_) if table.released => {}
            Err(error) => self.honest("query", &error),
        }
    }

    async fn search(&mut self, db: &dyn Db) {
        let Some(name) = self.pick() else { return };
        let Some(table) = self.sure.table(&name).cloned().filter(|table| table.indexed) else { return };
        let (query, limit) = (vector(&mut self.random), self.random.usize(1..8));
        let filter = generate::filter(&mut self.random, table.text_keys);
        let text = filter.text(table.text_keys);
        match calls::search(db, &name, &table, &query, &text, limit as i64).await {
            Ok(_) if table.released => panic!("a released collection answers\n{}", self.log.join("\n")),
            Ok(result) => {
                let mut expected = table.distances(&query, &filter);
                let all = expected.clone();
                expected.truncate(limit);
                let scores: Vec<f32> = expected.iter().map(|(score, _)| *score).collect();
                assert_eq!(result.scores, scores, "{text}\n{}", self.log.join("\n"));
                // Rows at the same distance may come in any order.
                for hit in result.scores.iter().copied().zip(calls::keys(&result.ids)) {
                    assert!(all.contains(&hit), "{hit:?} {text}\n{}", self.log.join("\n"));
                }
            }
            Err(_) if table.released => {}
            Err(error) => self.honest("search", &error),
        }
    }

    async fn flush(&mut self, db: &dyn Db) {
        let Some(name) = self.pick() else { return };
        let outcome = db.flush(&calls::target(&name)).await;
        self.log.push(format!("flush {name} -> {:?}", outcome.as_ref().map_err(Error::message)));
        if let Err(error) = outcome {
            self.honest("flush", &error);
        }
    }

    /// After opening: one of the worlds that may be, and from then on it is sure.
    async fn settle(&mut self, db: &dyn Db) {
        let held = calls::dump(db).await;
        let mut held =
            held.unwrap_or_else(|error| panic!("cannot be read: {error:?}\n{}", self.log.join("\n")));
        let released: Vec<String> =
            held.tables.iter().filter(|(_, table)| table.released).map(|(name, _)| name.clone()).collect();
        if !released.is_empty() {
            held = self.load(db, &held, released).await;
        }
        let mut worlds: Vec<&World> = vec![&self.sure];
        worlds.extend(&self.maybe);
        let which = self.compare(&held, &worlds);
        if let Some(world) = which.checked_sub(1) {
            self.sure = self.maybe.swap_remove(world);
        }
        self.maybe.clear();
        self.log.push(format!("open, world {which}"));
    }

    /// Loads what is released, so that its rows can be compared, in the engine and in every world.
    async fn load(&mut self, db: &dyn Db, held: &World, released: Vec<String>) -> World {
        for name in released {
            for change in [Change::Index { name: name.clone() }, Change::Load { name }] {
                let done = calls::change(db, held, &change).await;
                done.unwrap_or_else(|error| panic!("{change:?}: {error:?}\n{}", self.log.join("\n")));
                for world in std::iter::once(&mut self.sure).chain(&mut self.maybe) {
                    world.apply(&change);
                }
            }
        }
        calls::dump(db).await.unwrap_or_else(|error| panic!("cannot be read: {error:?}"))
    }

    /// Which of the worlds the engine holds.
    fn compare(&self, held: &World, worlds: &[&World]) -> usize {
        // The rows of a released collection cannot be read.
        let seen = |world: &World| {
            let mut world = world.clone();
            world.tables.values_mut().filter(|table| table.released).for_each(|table| table.rows.clear());
            world
        };
        let found = worlds.iter().position(|world| seen(world) == *held);
        found.unwrap_or_else(|| {
            let expected = seen(worlds[0]);
            panic!(
                "held {held:#?}\nexpected {expected:#?}\nor {} others\n{}",
                worlds.len() - 1,
                self.log.join("\n")
            )
        })
    }

    /// Trouble with the disk gives errors that say so.
    fn honest(&self, call: &str, error: &Error) {
        let kinds = [ErrorKind::Io, ErrorKind::DiskFull];
        assert!(kinds.contains(&error.kind()), "{call}: {error:?}\n{}", self.log.join("\n"));
    }
}
