//! Indexes without a server, on vectors of one's own: recall, queries per second, building time and memory.
//!
//! [`run`] reads vectors and queries, finds the exact neighbours (or reads them), builds every kind asked for and searches
//! each with growing effort until nothing more is found. Kinds and their parameters are those of the registry of
//! `elanus-ann`, so that a new one is measured as soon as it has a name there.

mod build;
pub mod kinds;
mod measure;
mod report;
mod svg;
mod sweep;
mod truth;
mod vecs;
mod vectors;

pub use kinds::Contender;
pub use report::{Curve, KindReport, Point, Report};
pub use svg::draw;

use elanus_kernels::{Bitmap, Element, Metric};
use elanus_runtime::Progress;
use elanus_types::{Error, Result};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use truth::Truth;
use vectors::Vectors;

/// Recalls that a plan aims at when nobody says otherwise.
pub const TARGETS: [f64; 4] = [0.8, 0.9, 0.95, 0.99];

/// What to measure.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Vectors to index: .npy, .fvecs or .bvecs.
    pub base: PathBuf,
    /// Vectors to search for.
    pub queries: PathBuf,
    /// Exact neighbours, .npy or .ivecs; computed if missing.
    pub truth: Option<PathBuf>,
    /// Only so many rows of the vectors.
    pub rows: usize,
    /// What to store the vectors as; `None` = as in the file.
    pub element: Option<Element>,
    /// Metric.
    pub metric: Metric,
    /// What to build; empty = every kind that needs no parameters.
    pub contenders: Vec<Contender>,
    /// Hits per query.
    pub k: usize,
    /// Threads that build, compute exact neighbours and search in batches.
    pub threads: usize,
    /// Efforts to search with; empty = doubled until nothing more is found.
    pub efforts: Vec<usize>,
    /// Recalls to aim at, to compare them with what is found; only of kinds that measured efforts when they were built.
    pub targets: Vec<f64>,
    /// Values of `refine_k` to search with, for kinds that have it; empty = the kind's own.
    pub refine_k: Vec<f32>,
    /// Shares of rows that filters allow, in percent; 100 is no filter.
    pub filters: Vec<f64>,
    /// Least time of each measurement.
    pub seconds: f64,
    /// A folder where built indexes are kept, and taken from the next time.
    pub keep: Option<PathBuf>,
}

impl Plan {
    /// The default for these vectors and queries.
    pub fn new(base: PathBuf, queries: PathBuf) -> Self {
        Self {
            base,
            queries,
            truth: None,
            rows: usize::MAX,
            element: None,
            metric: Metric::Cosine,
            contenders: Vec::new(),
            k: 10,
            threads: 1,
            efforts: Vec::new(),
            targets: TARGETS.to_vec(),
            refine_k: Vec::new(),
            filters: vec![100.0],
            seconds: 1.0,
            keep: None,
        }
    }

    /// Refuses numbers that mean nothing.
    fn check(&self) -> Result<()> {
        let wrong = |what: &str, value: f64, expected: &str| {
            Err(Error::invalid(format!("{what} is {value}, expected {expected}")))
        };
        if let Some(percent) = self.filters.iter().find(|percent| !(0.0..=100.0).contains(*percent)) {
            return wrong("a filter's percentage", *percent, "0 to 100");
        }
        if let Some(factor) = self.refine_k.iter().find(|factor| !(1.0..=1e6).contains(*factor)) {
            return wrong("refine_k", f64::from(*factor), "1 or more");
        }
        for target in &self.targets {
            elanus_ann::read_recall_target(&target.to_string())?;
        }
        match (0.0..=3600.0).contains(&self.seconds) {
            true => Ok(()),
            false => wrong("the time of a measurement", self.seconds, "0 to 3600 seconds"),
        }
    }

    fn read(&self) -> Result<(Vectors, Vectors)> {
        self.check()?;
        let base = vectors::read(&self.base, self.rows)?;
        let queries = vectors::read(&self.queries, usize::MAX)?;
        let element = self.element.unwrap_or(base.element);
        if (base.element == Element::I8) != (queries.element == Element::I8) {
            let (base, queries) = (base.element.name(), queries.element.name());
            return Err(self.mismatch(format!("vectors are {base}, queries {queries}: expected the same")));
        }
        if base.dim != queries.dim {
            let (base, queries) = (base.dim, queries.dim);
            return Err(self.mismatch(format!("vectors have {base} dimensions, queries {queries}")));
        }
        if self.k == 0 || self.k > base.rows {
            return Err(Error::invalid(format!("k is {}, expected 1 to the {} rows", self.k, base.rows)));
        }
        Ok((base.into_element(element), queries.into_element(element)))
    }

    fn mismatch(&self, text: String) -> Error {
        Error::invalid(format!("{} and {} do not fit: {text}", self.base.display(), self.queries.display()))
    }
}

/// Is told what is going on.
pub trait Watch: Sync {
    /// Something that may take long begins; `progress` says how far it is.
    fn begin(&self, what: &str, progress: &Progress);
    /// It ended, with this result.
    fn end(&self, result: &str);
}

/// Rows that may answer, and what the right answers are.
struct Question {
    percent: f64,
    filter: Option<Bitmap>,
    truth: Truth,
}

/// Does what the plan says.
pub fn run(plan: &Plan, watch: &dyn Watch) -> Result<Report> {
    let (base, queries) = plan.read()?;
    let contenders =
        if plan.contenders.is_empty() { kinds::all(base.element) } else { plan.contenders.clone() };
    // Before the long work: a wrong name or parameter should be heard of at once.
    let resolve = |one: &Contender| one.resolve(&base.view(), plan.metric, plan.threads);
    let resolved = contenders.iter().map(resolve).collect::<Result<Vec<_>>>()?;
    let questions = questions(plan, &base, &queries, watch)?;
    let mut report = Report::new(plan, &base, queries.rows);
    for (contender, resolved) in contenders.iter().zip(resolved) {
        let built = build::run(plan, contender, &resolved, &base.view(), watch)?;
        let mut kind = KindReport::new(contender, &resolved, &built);
        for question in &questions {
            kind.curves.extend(sweep::run(plan, &built, &base.view(), &queries.view(), question, watch));
        }
        report.kinds.push(kind);
    }
    Ok(report)
}

fn questions(plan: &Plan, base: &Vectors, queries: &Vectors, watch: &dyn Watch) -> Result<Vec<Question>> {
    let question = |percent: &f64| {
        let filter = filter(*percent, base.rows);
        let truth = match (&plan.truth, &filter) {
            (Some(path), None) => truth::read(path, plan, base, queries)?,
            _ => {
                let progress = Progress::new();
                let rows = filter.as_ref().map_or(base.rows, Bitmap::count);
                watch.begin(&format!("exact neighbours among {rows} rows"), &progress);
                let truth = truth::compute(plan, base, queries, filter.as_ref(), &progress);
                watch.end(&format!("exact neighbours of {} queries among {rows} rows", queries.rows));
                truth
            }
        };
        Ok(Question { percent: *percent, filter, truth })
    };
    plan.filters.iter().map(question).collect()
}

/// Allows rows at random, the same ones every time.
fn filter(percent: f64, rows: usize) -> Option<Bitmap> {
    let mut random = fastrand::Rng::with_seed(1);
    let bits: Vec<bool> = (0..rows).map(|_| random.f64() * 100.0 < percent).collect();
    (percent < 100.0).then(|| Bitmap::from_bools(&bits))
}

/// Works on numbers below `count` on several threads; results in their order.
fn each<T: Send>(count: usize, threads: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let take = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            if at >= count {
                return done;
            }
            done.push((at, work(at)));
        }
    };
    let mut all = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads.min(count)).map(|_| scope.spawn(take)).collect();
        let mut all = take();
        for other in others {
            match other.join() {
                Ok(rest) => all.extend(rest),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        all
    });
    all.sort_by_key(|(at, _)| *at);
    all.into_iter().map(|(_, result)| result).collect()
}
