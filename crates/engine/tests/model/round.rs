//! One round: a database on a simulated disk, what it must hold, and what it may hold instead.

use crate::calls::{self, Answer};
use crate::compare;
use crate::disk::{InterruptedDisk, Interruption};
use crate::generate;
use crate::reads::Cursor;
use crate::reference::{Change, Key, World};
use crate::shape::Shape;
use elanus_engine::{Db, DuplicateKey, LocalDb, Options, Policy};
use elanus_runtime::ManualClock;
use elanus_storage::SimDisk;
use elanus_storage::sim::Operation;
use elanus_types::{Error, ErrorKind, LoadState, Result};
use fastrand::Rng;
use std::collections::HashSet;
use std::sync::Arc;

const PLENTY: u64 = 64 << 20;

pub struct Round {
    pub random: Rng,
    disk: SimDisk,
    pub interruption: Interruption,
    pub clock: Arc<ManualClock>,
    pub options: Options,
    /// Everything acknowledged.
    pub sure: World,
    /// With one of the changes that failed since: it may be there after a reopening.
    pub maybe: Vec<World>,
    /// Keys that the database assigned.
    given: HashSet<Key>,
    pub cursors: Vec<Cursor>,
    /// The disk may fail in this step.
    troubled: bool,
    log: Vec<String>,
}

impl Round {
    pub fn new(seed: u64) -> Self {
        let mut random = Rng::with_seed(seed);
        let reject = random.u8(..8) == 0;
        let policy = Policy {
            index_min_rows: random.u64(1..12),
            index_busy_rows: 20,
            busy_fan_in: 4,
            max_bytes: if random.bool() { 1 << 30 } else { random.u64(500..5_000) },
        };
        let options = Options {
            maintenance: false,
            threads: 1,
            log_file_bytes: random.u64(500..6_000),
            checkpoint_bytes: random.u64(..8_000),
            growing_bytes: if random.u8(..4) == 0 { 2_000 } else { 1 << 20 },
            growing_memory: if random.u8(..4) == 0 { random.usize(1_000..9_000) } else { 1 << 30 },
            retention_millis: [0, 10, 900_000][random.usize(..3)],
            duplicate_key: if reject { DuplicateKey::Reject } else { DuplicateKey::Replace },
            policy,
            ..Options::default()
        };
        Self {
            random,
            disk: SimDisk::new(seed),
            interruption: Interruption::default(),
            clock: Arc::new(ManualClock::new(1_700_000_000_000)),
            options,
            sure: World { reject, ..World::default() },
            maybe: Vec::new(),
            given: HashSet::new(),
            cursors: Vec::new(),
            troubled: false,
            log: Vec::new(),
        }
    }

    pub async fn run(mut self) {
        for _ in 0..self.random.u8(2..5) {
            let db = self.open();
            self.settle(&*db).await;
            for _ in 0..self.random.u8(..30) {
                let long = self.random.u8(..12) == 0;
                let millis = if long { self.random.u64(100..900) } else { self.random.u64(..3) };
                self.pass(millis);
                self.step(&db).await;
                if self.disk.stopped() {
                    break;
                }
            }
            drop(db);
            if self.disk.stopped() || self.random.u8(..4) > 0 {
                self.disk = self.disk.crash();
                self.note("crash");
            }
        }
        let db = self.open();
        self.settle(&*db).await;
    }

    /// Lets time pass.
    fn pass(&mut self, millis: u64) {
        self.clock.advance(millis);
        let now = self.clock_millis();
        std::iter::once(&mut self.sure).chain(&mut self.maybe).for_each(|world| world.age(now));
        self.cursors.iter_mut().for_each(|cursor| cursor.table.age(now));
    }

    fn try_open(&self) -> Result<Arc<LocalDb>> {
        let (disk, interruption) = (self.disk.clone(), self.interruption.clone());
        let disk = InterruptedDisk { disk, interruption, slow: false };
        LocalDb::open_on(Arc::new(disk), Arc::clone(&self.clock) as _, self.options.clone())
    }

    /// Opens, after some tries that fail.
    fn open(&mut self) -> Arc<LocalDb> {
        self.troubled = false;
        while self.random.u8(..3) == 0 {
            self.trouble(20);
            if let Err(error) = self.try_open() {
                self.honest("open", &error);
            }
            self.calm();
            if self.disk.stopped() {
                self.disk = self.disk.crash();
                self.note("crash while opening");
            }
        }
        self.try_open().unwrap_or_else(|error| self.fail(&format!("does not open: {error:?}")))
    }

    /// Plans a failure of the disk now and then, within so many operations.
    fn trouble(&mut self, operations: u64) {
        let soon = self.random.u64(..operations);
        self.troubled = true;
        match self.random.u8(..24) {
            0 => self.disk.fail_next(Operation::Sync, ErrorKind::Io),
            1 => self.disk.fail_next(Operation::SyncDir, ErrorKind::Io),
            2 => self.disk.fail_after(soon, ErrorKind::Io),
            3 => self.disk.fail_after(soon, ErrorKind::DiskFull),
            4 => self.disk.set_capacity(self.disk.used() + self.random.u64(..600)),
            5 => self.disk.stop_after(soon),
            6 => self.disk.fail_next(Operation::Map, ErrorKind::Io),
            7 => self.disk.fail_next(Operation::List, ErrorKind::Io),
            _ => self.troubled = false,
        }
    }

    fn calm(&mut self) {
        self.disk.heal();
        self.disk.set_capacity(PLENTY);
        self.troubled = self.disk.stopped();
    }

    async fn step(&mut self, db: &Arc<LocalDb>) {
        match self.random.u8(..20) {
            0..=10 => {
                self.trouble(10);
                let change = generate::change(&mut self.random, &self.sure);
                let shape = self.shape(&change);
                let outcome = calls::change(&**db, &shape, &change).await;
                self.judge(&change, outcome);
            }
            11 | 12 => self.query(&**db).await,
            13 | 14 => self.search(&**db).await,
            15 => self.page(&**db).await,
            16 | 17 => self.flush(db).await,
            _ => self.maintain(db).await,
        }
        self.calm();
        if !self.disk.stopped() && self.random.u8(..4) == 0 {
            match calls::dump(&**db).await {
                Ok(held) => drop(self.which(&held, &[&self.sure])),
                Err(error) => self.fail(&format!("dump: {error:?}")),
            }
            self.status(&**db).await;
        }
    }

    /// The shape that a change's values are to have.
    pub fn shape(&mut self, change: &Change) -> Shape {
        let name = match change {
            Change::Write(rows) => &rows.name,
            Change::Delete { name, .. } => name,
            _ => "",
        };
        let known = self.sure.table(name).map(|table| table.shape.clone());
        known.unwrap_or_else(|_| Shape::random(&mut self.random))
    }

    /// Compares what the engine said of a change with what the reference says, and makes it there.
    pub fn judge(&mut self, change: &Change, outcome: Result<Answer>) {
        self.note(&format!("{change:?} -> {outcome:?}"));
        let keys = outcome.as_ref().map_or(&[][..], |answer| &answer.keys);
        let mut after = self.sure.clone();
        let made = after.apply(change, keys);
        match (outcome, made) {
            (Ok(answer), Ok(made)) => {
                if made.count.is_some_and(|count| count != answer.count) {
                    self.fail(&format!("counts {made:?}"));
                }
                self.keys(change, &answer);
                // What changes nothing need not reach the log, and then rules out nothing that failed before.
                if after != self.sure {
                    self.maybe.clear();
                }
                self.sure = after;
                self.follow(change);
            }
            (Ok(_), Err(kind)) => self.fail(&format!("accepted, should be refused with {kind:?}")),
            (Err(error), made) if !error.kind().is_input() => {
                self.honest("change", &error);
                self.maybe.extend(made.is_ok().then_some(after));
            }
            (Err(_), Ok(_)) => self.fail("refused"),
            (Err(error), Err(kind)) => {
                if error.kind() != kind {
                    self.fail(&format!("refused with another kind than {kind:?}"));
                }
            }
        }
    }

    /// The keys that a write answers are those sent, or such that were never given before.
    fn keys(&mut self, change: &Change, answer: &Answer) {
        let Change::Write(rows) = change else { return };
        let assigns = self.sure.table(&rows.name).is_ok_and(|table| table.shape.assigns(rows.keys.is_some()));
        let right = match &rows.keys {
            Some(keys) if !assigns => *keys == answer.keys,
            _ => answer.keys.iter().all(|key| self.given.insert(key.clone())),
        };
        if !right {
            self.fail("wrong keys");
        }
    }

    /// After opening: one of the worlds that may be, and from then on it is sure.
    async fn settle(&mut self, db: &dyn Db) {
        let mut held = self.read_all(db).await;
        let hidden: Vec<String> = held
            .tables
            .iter()
            .filter(|(_, t)| t.load == LoadState::Released || t.partitions.values().any(|released| *released))
            .map(|(name, _)| name.clone())
            .collect();
        for name in hidden {
            // Their rows can be compared only when they are loaded, here and in every world.
            let index = ("AUTOINDEX", held.tables[&name].default_metric());
            let there = held.tables[&name].indexes.contains_key("vector");
            let index = (!there).then(|| Change::Index { name: name.clone(), field: "vector", index });
            let load = Change::Load { name: name.clone(), partitions: Vec::new() };
            for change in index.into_iter().chain([load]) {
                let done = calls::change(db, &held.tables[&name].shape, &change).await;
                if let Err(error) = done {
                    self.fail(&format!("{change:?}: {error:?}"));
                }
                for world in std::iter::once(&mut self.sure).chain(&mut self.maybe) {
                    // A world that cannot be loaded is not the one that is.
                    let _ = world.apply(&change, &[]);
                }
            }
            held = self.read_all(db).await;
        }
        let mut worlds: Vec<&World> = vec![&self.sure];
        worlds.extend(&self.maybe);
        let (which, world) = self.which(&held, &worlds);
        if which > 0 {
            // What came back was not there when they began.
            self.cursors.clear();
        }
        self.sure = world;
        self.maybe.clear();
        self.note(&format!("open, world {which}"));
        self.status(db).await;
    }

    async fn read_all(&self, db: &dyn Db) -> World {
        let held = calls::dump(db).await;
        held.unwrap_or_else(|error| self.fail(&format!("cannot be read: {error:?}")))
    }

    /// Which of the worlds the engine holds, with keys that only the engine knows.
    pub fn which(&self, held: &World, worlds: &[&World]) -> (usize, World) {
        let held = World { reject: self.sure.reject, ..held.clone() };
        let mut fits = worlds.iter().enumerate();
        let found = fits.find_map(|(which, world)| Some((which, compare::adopt(world, &held)?)));
        found.unwrap_or_else(|| {
            let differences = compare::differences(worlds[0], &held);
            self.fail(&format!("{differences}\nand none of {} others", worlds.len() - 1))
        })
    }

    /// Trouble with the disk gives errors that say so, and nothing fails without it.
    pub fn honest(&mut self, call: &str, error: &Error) {
        let kinds = [ErrorKind::Io, ErrorKind::DiskFull];
        self.note(&format!("{call} failed: {error:?}"));
        if !kinds.contains(&error.kind()) || !self.troubled {
            self.fail(&format!("{call}: {error:?}"));
        }
    }

    pub fn begin_trouble(&mut self) {
        self.trouble(60);
    }

    pub fn note(&mut self, text: &str) {
        self.log.push(text.to_owned());
    }

    pub fn fail(&self, text: &str) -> ! {
        panic!("{text}\n{}", self.log.join("\n"))
    }
}
