//! Writers at once: what they leave is what their writes leave in some order, also after a crash.

use crate::calls::{self, Answer};
use crate::compare;
use crate::disk::InterruptedDisk;
use crate::generate;
use crate::reference::{Change, World};
use crate::shape::Shape;
use elanus_engine::{Db, LocalDb, Options, Policy};
use elanus_runtime::ManualClock;
use elanus_storage::SimDisk;
use elanus_types::Result;
use fastrand::Rng;
use std::sync::{Arc, Barrier};

/// One change and what became of it.
type Done = (Change, Result<Answer>);

pub fn run(seed: u64) {
    let mut random = Rng::with_seed(seed);
    let mut disk = SimDisk::new(seed);
    let mut db = open(&disk, &mut random);
    let mut world = begin(&*db, &mut random);
    for _ in 0..random.u8(3..8) {
        let changes =
            (0..random.usize(2..5)).map(|_| generate::row_change(&mut random, &world, "a")).collect();
        let work = random.u8(..4);
        let done = at_once(&db, &world, changes, work);
        let held = dump(&*db);
        world = in_some_order(&world, &done, &held);
        if random.u8(..3) == 0 {
            drop(db);
            disk = disk.crash();
            db = open(&disk, &mut random);
            let held = dump(&*db);
            assert_eq!(compare::adopt(&world, &held), Some(world.clone()), "after a crash: {done:#?}");
        }
    }
}

fn open(disk: &SimDisk, random: &mut Rng) -> Arc<LocalDb> {
    let policy = Policy { index_min_rows: 4, ..Policy::default() };
    let options = Options {
        maintenance: false,
        threads: 1,
        log_file_bytes: random.u64(500..6_000),
        checkpoint_bytes: random.u64(..4_000),
        policy,
        ..Options::default()
    };
    let disk = InterruptedDisk { disk: disk.clone(), interruption: Default::default(), slow: true };
    LocalDb::open_on(Arc::new(disk), Arc::new(ManualClock::new(1_700_000_000_000)), options).expect("opens")
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(future)
}

fn dump(db: &dyn Db) -> World {
    wait(calls::dump(db)).expect("can be read")
}

/// A collection with two partitions and an index.
fn begin(db: &dyn Db, random: &mut Rng) -> World {
    let mut world = World::default();
    let shape = Shape { keyed: false, ..Shape::random(random) };
    let name = "a".to_owned();
    let partition =
        |partition: &str| Change::CreatePartition { name: "a".to_owned(), partition: partition.to_owned() };
    for change in [Change::Create { name, shape: shape.clone() }, partition("p0"), partition("p1")] {
        wait(calls::change(db, &shape, &change)).expect("is made");
        world.apply(&change, &[]).expect("is legal");
    }
    world
}

/// Makes all changes at once, beside a flush or maintenance now and then.
fn at_once(db: &Arc<LocalDb>, world: &World, changes: Vec<Change>, work: u8) -> Vec<Done> {
    let shape = &world.tables["a"].shape;
    let start = Barrier::new(changes.len() + usize::from(work > 0));
    std::thread::scope(|scope| {
        let writers = changes.into_iter().map(|change| {
            let start = &start;
            scope.spawn(move || {
                start.wait();
                let outcome = wait(calls::change(&**db, shape, &change));
                (change, outcome)
            })
        });
        let writers: Vec<_> = writers.collect();
        if work > 0 {
            start.wait();
            match work {
                1 => drop(wait(db.flush(&calls::target("a"))).expect("flushes")),
                2 => assert_eq!(db.scrub(), Ok(0)),
                _ => db.maintain().expect("is maintained"),
            }
        }
        writers.into_iter().map(|writer| writer.join().expect("no panic")).collect()
    })
}

/// The world after the changes in an order in which every outcome is right.
fn in_some_order(world: &World, done: &[Done], held: &World) -> World {
    let mut worlds = Vec::new();
    orders(world, done.iter().collect(), &mut worlds);
    let found = worlds.iter().find_map(|world| compare::adopt(world, held));
    found.unwrap_or_else(|| {
        let nearest = worlds.first().unwrap_or(world);
        let (count, differences) = (worlds.len(), compare::differences(nearest, held));
        panic!("none of {count} orders leaves this: {differences}\n{done:#?}")
    })
}

fn orders(world: &World, left: Vec<&Done>, worlds: &mut Vec<World>) {
    if left.is_empty() {
        worlds.push(world.clone());
    }
    for (next, (change, outcome)) in left.iter().enumerate() {
        let mut after = world.clone();
        let keys = outcome.as_ref().map_or(&[][..], |answer| &answer.keys);
        let right = match (after.apply(change, keys), outcome) {
            (Ok(made), Ok(answer)) => made.count.is_none_or(|count| count == answer.count),
            (Err(kind), Err(error)) => error.kind() == kind,
            _ => false,
        };
        if right {
            let mut left = left.clone();
            left.remove(next);
            orders(&after, left, worlds);
        }
    }
}
