//! Every decoder and parser that meets bytes from outside, as a function of any bytes: it must answer or refuse, and
//! never panic.
//!
//! Each target comes with valid inputs to begin from. The fuzzer in `fuzz/` calls the same functions as the bounded
//! test in `tests/smoke.rs`. Nothing ships with this crate in it.

mod database;
mod edit;
mod filter;
mod index;
mod message;
pub mod mutate;
mod sample;
mod segment;
mod settings;
mod stored;

/// One decoder or parser.
#[derive(Clone, Copy)]
pub struct Target {
    /// Name, also that of the fuzzer's program.
    pub name: &'static str,
    /// Feeds it an input.
    pub run: fn(&[u8]),
    /// Inputs to begin from.
    pub samples: fn() -> Vec<Vec<u8>>,
    /// How dear a run is: a filter is 1.
    pub cost: usize,
}

/// All of them.
pub const TARGETS: &[Target] = &[
    Target { name: "filter", run: filter::run, samples: filter::samples, cost: 1 },
    Target { name: "record", run: stored::record, samples: stored::records, cost: 1 },
    Target { name: "log", run: stored::log, samples: stored::logs, cost: 2 },
    Target { name: "object", run: stored::object, samples: stored::objects, cost: 2 },
    Target { name: "segment", run: segment::run, samples: segment::samples, cost: 10 },
    Target { name: "index", run: index::run, samples: index::samples, cost: 10 },
    Target { name: "message", run: message::run, samples: message::samples, cost: 1 },
    Target { name: "settings", run: settings::run, samples: settings::samples, cost: 10 },
    Target { name: "database", run: database::run, samples: database::samples, cost: 50 },
];

/// The target of this name.
///
/// # Panics
/// When there is none.
pub fn target(name: &str) -> Target {
    let found = TARGETS.iter().find(|target| target.name == name);
    *found.unwrap_or_else(|| panic!("no target is called {name}"))
}
