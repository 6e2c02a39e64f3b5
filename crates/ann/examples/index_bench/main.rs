//! Measures an index on vectors of one's own: time to build, then recall and queries per second by effort and filter.
//!
//! `cargo run -p elanus-ann --example index_bench -- base=BASE.npy queries=QUERIES.npy [metric=COSINE] [element=f32]
//! [kind=HNSW] [m=16] [ef_construction=200] [nlist=0] [threads=2] [k=10] [efforts=0,16,32] [filters=100,50,10,1,0.1]
//! [correlated=random,near,far,other,clusters] [count=1000] [keep=FILE]`
//!
//! Both files hold little-endian floats (f2 or f4) of shape (rows, dimension). The effort is `ef` of a graph, `nprobe` of lists; 0
//! is what was found sufficient when the index was built. Filters are percentages of rows allowed: at random, or, with `correlated`, those nearest to each query,
//! farthest from it, nearest to some other row, or of clusters other than the query's. Searches and exact scans of the allowed rows are timed in turns; the last column is what a
//! search takes relative to the scan, by the medians. Only the first `count` queries are asked. With `keep` the index is kept in a file and taken from
//! there the next time.

mod filters;

use elanus_ann::{
    Body, BuildRequest, Coding, HnswParams, Index, IvfParams, Kind, SearchParams, SearchStats, VectorsView,
    build, exact_hits, exact_search, open,
};
use elanus_kernels::{Bitmap, Element, Hit, Metric, TopK, convert};
use elanus_runtime::{Cancel, Progress};
use filters::Pick;
use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

struct Options(Vec<String>);

impl Options {
    fn get<'a>(&'a self, name: &str, default: &'a str) -> &'a str {
        let value = |option: &'a String| option.strip_prefix(name)?.strip_prefix('=');
        self.0.iter().find_map(value).unwrap_or(default)
    }

    fn number(&self, name: &str, default: &str) -> Result<usize> {
        let text = self.get(name, default);
        text.parse().map_err(|error| format!("{name}={text}: {error}").into())
    }
}

/// Rows of an npy file as `element`, and their dimension.
fn read(path: &str, element: Element) -> Result<(Vec<u8>, usize)> {
    let bytes = std::fs::read(path).map_err(|error| format!("{path}: {error}"))?;
    let start = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let head = String::from_utf8_lossy(&bytes[10..start]);
    let from = if head.contains("<f2") { Element::F16 } else { Element::F32 };
    let shape = head.split_once("'shape': (").and_then(|(_, rest)| rest.split_once(')')).ok_or("no shape")?.0;
    let dim: usize = shape.split(',').nth(1).ok_or("not two dimensions")?.trim().parse()?;
    Ok((convert::convert(from, element, &bytes[start..]), dim))
}

struct Bench<'a> {
    vectors: VectorsView<'a>,
    queries: VectorsView<'a>,
    metric: Metric,
    k: usize,
    threads: usize,
}

/// Rounds of timing, in turns with exact scans.
const ROUNDS: usize = 3;
/// Rows compared per round of exact scans, about.
const SCANNED: usize = 1_000_000;

impl Bench<'_> {
    /// Runs `work` for every query on all threads; results in order.
    fn each<T: Send>(&self, work: impl Fn(usize, &[u8]) -> T + Sync) -> Vec<T> {
        let next = AtomicUsize::new(0);
        let take = || {
            std::iter::from_fn(|| {
                Some(next.fetch_add(1, Ordering::Relaxed)).filter(|at| *at < self.queries.rows)
            })
            .map(|at| (at, work(at, self.queries.row(at))))
            .collect::<Vec<_>>()
        };
        let mut all: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..self.threads).map(|_| scope.spawn(take)).collect();
            threads.into_iter().flat_map(|thread| thread.join().expect("no panic")).collect()
        });
        all.sort_by_key(|(at, _)| *at);
        all.into_iter().map(|(_, result)| result).collect()
    }

    fn exact(&self, at: usize, filters: &[Bitmap]) -> Vec<Hit> {
        let mut out = TopK::new(self.k);
        let filter = filter(filters, at);
        exact_search(&self.vectors, self.metric, self.queries.row(at), filter, None, &mut out);
        out.into_sorted()
    }

    fn search(&self, index: &dyn Index, ef: usize, at: usize, filters: &[Bitmap]) -> (Vec<Hit>, SearchStats) {
        let effort = (ef > 0).then_some(ef);
        let params = SearchParams { ef: effort, nprobe: effort, ..SearchParams::default() };
        let mut out = TopK::new(self.k);
        let query = self.queries.row(at);
        let stats = index.search(&self.vectors, query, self.k, &params, filter(filters, at), &mut out);
        (out.into_sorted(), stats)
    }

    fn measure(&self, index: &dyn Index, ef: usize, filters: &[Bitmap], truth: &[Vec<Hit>]) {
        let answers = self.each(|at, _| self.search(index, ef, at, filters));
        let (seconds, exact) = self.time(index, ef, filters);
        let mut stats = SearchStats::default();
        answers.iter().for_each(|(_, one)| stats.add(*one));
        let n = answers.len().max(1) as f64;
        let scanned = answers.iter().filter(|(_, stats)| stats.scanned).count();
        let together = match filters.len() {
            0 | 1 => format!("{:.0}", self.together(index, ef, filters.first(), &answers)),
            _ => "-".to_owned(),
        };
        println!(
            "{ef:>6} {:>8.4} {:>9.0} {together:>9} {:>9.0} {:>8.0} {:>6.0} {:>7.2} {:>8.3}",
            self.recall(&answers, truth),
            1.0 / seconds,
            stats.approximate as f64 / n,
            stats.exact as f64 / n,
            stats.hops as f64 / n,
            scanned as f64 / n,
            seconds / exact,
        );
    }

    /// Queries per second of all of them at once, on one thread; they must find what each finds alone.
    fn together(
        &self,
        index: &dyn Index,
        ef: usize,
        filter: Option<&Bitmap>,
        alone: &[(Vec<Hit>, SearchStats)],
    ) -> f64 {
        let queries: Vec<&[u8]> = (0..self.queries.rows).map(|at| self.queries.row(at)).collect();
        let effort = (ef > 0).then_some(ef);
        let params = SearchParams { ef: effort, nprobe: effort, ..SearchParams::default() };
        let mut seconds = f64::INFINITY;
        for _ in 0..ROUNDS {
            let mut outs: Vec<TopK> = queries.iter().map(|_| TopK::new(self.k)).collect();
            let start = Instant::now();
            index.search_many(&self.vectors, &queries, self.k, &params, filter, &mut outs);
            seconds = seconds.min(start.elapsed().as_secs_f64());
            let same = outs.into_iter().zip(alone).all(|(out, (hits, _))| out.into_sorted() == *hits);
            assert!(same, "queries find other rows together than alone");
        }
        queries.len() as f64 / seconds
    }

    /// Seconds that a search and an exact scan take, the medians of some rounds in turns.
    fn time(&self, index: &dyn Index, ef: usize, filters: &[Bitmap]) -> (f64, f64) {
        let allowed = filters.first().map_or(self.vectors.rows, Bitmap::count);
        let step = (self.queries.rows * allowed / SCANNED).max(1);
        let seconds = |step: usize, work: &dyn Fn(usize)| {
            let start = Instant::now();
            (0..self.queries.rows).step_by(step).for_each(work);
            start.elapsed().as_secs_f64() / self.queries.rows.div_ceil(step).max(1) as f64
        };
        let search = |at| drop(std::hint::black_box(self.search(index, ef, at, filters)));
        let exact = |at| drop(std::hint::black_box(self.exact(at, filters)));
        let rounds = (0..ROUNDS).map(|_| (seconds(1, &search), seconds(step, &exact)));
        let (mut searches, mut scans): (Vec<f64>, Vec<f64>) = rounds.unzip();
        searches.sort_unstable_by(f64::total_cmp);
        scans.sort_unstable_by(f64::total_cmp);
        (searches[ROUNDS / 2], scans[ROUNDS / 2])
    }

    fn recall(&self, answers: &[(Vec<Hit>, SearchStats)], truth: &[Vec<Hit>]) -> f64 {
        let right = |query: usize, found: &[Hit], truth: &[Hit]| {
            let worst = truth.last().map_or(f32::NEG_INFINITY, |hit| hit.key);
            let found = exact_hits(&self.vectors, self.metric, self.queries.row(query), found.to_vec());
            (found.iter().filter(|hit| hit.key <= worst).count(), truth.len())
        };
        let answered = answers.iter().zip(truth).enumerate();
        let shares = answered.map(|(query, ((found, _), truth))| right(query, found, truth));
        let (right, of) = shares.fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
        right as f64 / of.max(1) as f64
    }
}

/// The filter of a query: its own, that of all, or none.
fn filter(filters: &[Bitmap], at: usize) -> Option<&Bitmap> {
    filters.get(at).or(filters.first())
}

/// `sq4` (bits per component), `rq1` (the same after a rotation), `f16`, `bf16`, `pq32x8` (pieces and bits), `prq8x2x8` (and stages).
fn coding(text: &str) -> Result<Option<Coding>> {
    let numbers = text.trim_start_matches(char::is_alphabetic).split('x').map(str::parse::<usize>);
    let numbers: Vec<usize> = numbers.filter_map(|number| number.ok()).collect();
    let kind = text.trim_end_matches(|c: char| c.is_ascii_digit() || c == 'x');
    Ok(match (kind, numbers.as_slice()) {
        ("", []) => None,
        ("f", [16]) => Some(Coding::Half { brain: false }),
        ("bf", [16]) => Some(Coding::Half { brain: true }),
        ("sq", [bits]) => Some(Coding::Grid { bits: *bits, mixed: false }),
        ("rq", [bits]) => Some(Coding::Grid { bits: *bits, mixed: true }),
        ("pq", [pieces, bits]) => Some(Coding::Product { pieces: *pieces, stages: 1, bits: *bits }),
        ("prq", [pieces, stages, bits]) => {
            Some(Coding::Product { pieces: *pieces, stages: *stages, bits: *bits })
        }
        _ => return Err(format!("unknown coding {text}").into()),
    })
}

fn index(options: &Options, bench: &Bench<'_>) -> Result<Box<dyn Index>> {
    let keep = options.get("keep", "");
    let kind = options.get("kind", "HNSW");
    let kind = Kind::ALL.into_iter().find(|known| known.name() == kind).ok_or("unknown kind")?;
    let body = match std::fs::read(keep) {
        Ok(body) => body,
        Err(_) => {
            let coding = coding(options.get("coding", ""))?;
            let hnsw = HnswParams {
                compact: options.get("compact", "") == "true",
                coding,
                m: options.number("m", "16")?,
                ef_construction: options.number("ef_construction", "200")?,
                ..HnswParams::default()
            };
            let Bench { vectors, metric, threads, .. } = *bench;
            let nlist = Some(options.number("nlist", "0")?).filter(|nlist| *nlist > 0);
            let ivf = IvfParams { nlist, coding, ..IvfParams::default() };
            let request = BuildRequest { kind, hnsw, ivf, metric, vectors, threads };
            let start = Instant::now();
            let body = build(&request, &Progress::new(), &Cancel::new())?;
            println!("built by {threads} threads in {:.2} s", start.elapsed().as_secs_f64());
            if !keep.is_empty() {
                std::fs::write(keep, &body)?;
            }
            body
        }
    };
    println!(
        "index {:.1} MB, vectors {:.1} MB",
        body.len() as f64 / 1e6,
        bench.vectors.data.len() as f64 / 1e6
    );
    let body: Body = Arc::new(body);
    Ok(open(kind, bench.metric, &bench.vectors, body)?)
}

fn main() -> Result<()> {
    let options = Options(std::env::args().skip(1).collect());
    let name = options.get("element", "f32");
    let element = Element::ALL.into_iter().find(|element| element.name() == name).ok_or("unknown element")?;
    let (base, dim) = read(options.get("base", ""), element)?;
    let (mut queries, _) = read(options.get("queries", ""), element)?;
    queries.truncate(options.number("count", "1000")?.saturating_mul(element.width(dim)));
    let bench = Bench {
        vectors: VectorsView::new(element, dim, &base),
        queries: VectorsView::new(element, dim, &queries),
        metric: Metric::parse(options.get("metric", "COSINE")).ok_or("unknown metric")?,
        k: options.number("k", "10")?,
        threads: options.number("threads", "2")?,
    };
    let index = index(&options, &bench)?;
    println!("{}", index.describe());
    for pick in options.get("correlated", "random").split(',') {
        let which = Pick::parse(pick).ok_or("unknown kind of filter")?;
        for share in options.get("filters", "100").split(',') {
            let filters = which.filters(&bench, share.parse()?);
            let truth = bench.each(|at, _| bench.exact(at, &filters));
            println!("{share} % of rows allowed ({pick}), one thread, {} hits", bench.k);
            println!("effort   recall queries/s  together     codes    exact   hops scanned  to scan");
            for ef in options.get("efforts", "0,16,24,32,48,64,96,128,200,400").split(',') {
                bench.measure(index.as_ref(), ef.parse()?, &filters, &truth);
            }
        }
    }
    Ok(())
}
