//! Applies writes in log order: a ticket is drawn where the log position is fixed, and served in that order.

use parking_lot::{Condvar, Mutex};

/// The queue of one collection.
#[derive(Default)]
pub struct Turns {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    drawn: u64,
    served: u64,
}

/// A place in the queue; dropping it, applied or failed, lets the next one go.
pub struct Ticket<'a> {
    turns: &'a Turns,
    number: u64,
}

impl Turns {
    /// Draws the next place. The caller holds the lock that also fixes the log position.
    pub fn draw(&self) -> Ticket<'_> {
        let mut state = self.state.lock();
        let number = state.drawn;
        state.drawn += 1;
        Ticket { turns: self, number }
    }

    /// Waits until everything drawn so far was applied (or failed).
    pub fn drain(&self) {
        let mut state = self.state.lock();
        let drawn = state.drawn;
        while state.served < drawn {
            self.changed.wait(&mut state);
        }
    }
}

impl Ticket<'_> {
    /// Waits for all earlier tickets.
    pub fn wait(&self) {
        let mut state = self.turns.state.lock();
        while state.served < self.number {
            self.turns.changed.wait(&mut state);
        }
    }
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        self.wait();
        let mut state = self.turns.state.lock();
        state.served = self.number + 1;
        self.turns.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn serves_in_the_order_drawn_whatever_finishes_first() {
        let turns = Arc::new(Turns::default());
        let (first, second) = (turns.draw(), turns.draw());
        let seen = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            scope.spawn(|| {
                second.wait();
                seen.lock().push(2);
                drop(second);
            });
            scope.spawn(|| {
                std::thread::yield_now();
                seen.lock().push(1);
                drop(first);
            });
        });
        turns.drain();
        assert_eq!(*seen.lock(), [1, 2]);
    }
}
