//! What happens beside work on files: changes and reads by another thread at a moment drawn from the seed.

use crate::calls::{self, Answer};
use crate::disk::Moment;
use crate::generate;
use crate::reference::{Change, World};
use crate::round::Round;
use crate::shape::Shape;
use elanus_engine::{Db, LocalDb};
use elanus_types::Result;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Duration;

/// One thing that happened.
pub enum Event {
    Changed(Box<Change>, Result<Answer>),
    Flushed(String, Result<Vec<i64>>),
    Saw(Result<World>),
}

/// What happened, in order.
pub type Events = Arc<Mutex<Vec<Event>>>;

/// Something to do.
enum Plan {
    Change(Box<Change>, Shape),
    Flush(String),
    Look,
}

/// Longer than any step takes; then two threads wait for each other.
const PATIENCE: Duration = Duration::from_secs(60);

impl Round {
    /// Plans something for the middle of the next work on files. When nothing is left to seal in memory, that work is
    /// a merge or the building of an index, and rows may be sealed beside it.
    pub async fn interrupt(&mut self, db: &Arc<LocalDb>, sealed: bool) -> Events {
        let events = Events::default();
        // A write that finds too much in memory seals it by itself, and would wait for the work it interrupts.
        let least = self.options.growing_bytes.min(self.options.growing_memory);
        if least < 1 << 20 || self.random.bool() {
            return events;
        }
        // Collections open at their first use, under a lock; here it must not fall into the interruption.
        self.status(&**db).await;
        let mut plans = Vec::new();
        for _ in 0..self.random.u8(1..4) {
            let change = generate::change(&mut self.random, &self.sure);
            let shape = self.shape(&change);
            let last = !matches!(change, Change::Write(_) | Change::Delete { .. });
            plans.push(Plan::Change(Box::new(change), shape));
            if self.random.bool() {
                plans.push(Plan::Look);
            }
            if sealed && self.random.bool() {
                plans.push(Plan::Flush(self.view().name));
            }
            // What follows was made for the collections as they are.
            if last {
                break;
            }
        }
        let (db, seen) = (Arc::clone(db), Arc::clone(&events));
        let work = move || {
            let (done, finished) = mpsc::channel();
            std::thread::spawn(move || {
                carry_out(&*db, plans, &seen);
                drop(db);
                let _ = done.send(());
            });
            finished.recv_timeout(PATIENCE).expect("no two threads wait for each other");
        };
        let moment = if sealed { Moment::NewFile } else { Moment::Any };
        self.interruption.plan(self.random.u64(..if sealed { 8 } else { 16 }), moment, Box::new(work));
        events
    }

    /// Judges what happened; whether files went with a collection that was dropped.
    pub fn happened(&mut self, events: Events) -> bool {
        self.interruption.forget();
        let events = std::mem::take(&mut *events.lock().unwrap_or_else(PoisonError::into_inner));
        let mut dropped = false;
        for event in events {
            match event {
                Event::Changed(change, outcome) => {
                    dropped |= matches!(*change, Change::Drop { .. });
                    self.judge(&change, outcome);
                }
                Event::Flushed(name, outcome) => {
                    self.note(&format!("flush beside {name} -> {outcome:?}"));
                    let expected = self.sure.table(&name).map(drop);
                    self.refusal("flush", outcome, expected);
                }
                Event::Saw(Ok(held)) => {
                    self.note("seen from beside");
                    self.which(&held, &[&self.sure]);
                }
                Event::Saw(Err(error)) => self.honest("look", &error),
            }
        }
        dropped
    }
}

fn carry_out(db: &dyn Db, plans: Vec<Plan>, seen: &Events) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    for plan in plans {
        let event = match plan {
            Plan::Change(change, shape) => {
                let outcome = runtime.block_on(calls::change(db, &shape, &change));
                Event::Changed(change, outcome)
            }
            Plan::Flush(name) => {
                let outcome = runtime.block_on(db.flush(&calls::target(&name)));
                Event::Flushed(name, outcome)
            }
            Plan::Look => Event::Saw(runtime.block_on(calls::dump(db))),
        };
        seen.lock().unwrap_or_else(PoisonError::into_inner).push(event);
    }
}
