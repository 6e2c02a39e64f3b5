//! Measures an index on vectors of one's own: time to build, then recall and queries per second by effort and filter.
//!
//! `cargo run -p elanus-ann --example index_bench -- base=BASE.npy queries=QUERIES.npy [metric=COSINE] [element=f32]
//! [kind=HNSW] [m=16] [ef_construction=200] [nlist=0] [threads=2] [k=10] [efforts=0,16,32] [filters=100,50,10,1,0.1] [keep=FILE]`
//!
//! Both files hold little-endian floats (f2 or f4) of shape (rows, dimension). The effort is `ef` of a graph, `nprobe` of lists; 0
//! is what was found sufficient when the index was built. Filters are percentages of rows allowed at random. With `keep` the index is kept in a
//! file and taken from there the next time.

use elanus_ann::{
    Body, BuildRequest, Coding, HnswParams, Index, IvfParams, Kind, SearchParams, SearchStats, VectorsView,
    build, exact_hits, exact_search, open,
};
use elanus_kernels::{Bitmap, Element, Hit, Metric, TopK, convert};
use elanus_runtime::{Cancel, Progress};
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

impl Bench<'_> {
    /// Runs `work` for every query on all threads; results in order.
    fn each<T: Send>(&self, work: impl Fn(&[u8]) -> T + Sync) -> Vec<T> {
        let next = AtomicUsize::new(0);
        let take = || {
            std::iter::from_fn(|| {
                Some(next.fetch_add(1, Ordering::Relaxed)).filter(|at| *at < self.queries.rows)
            })
            .map(|at| (at, work(self.queries.row(at))))
            .collect::<Vec<_>>()
        };
        let mut all: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..self.threads).map(|_| scope.spawn(take)).collect();
            threads.into_iter().flat_map(|thread| thread.join().expect("no panic")).collect()
        });
        all.sort_by_key(|(at, _)| *at);
        all.into_iter().map(|(_, result)| result).collect()
    }

    fn truth(&self, filter: Option<&Bitmap>) -> Vec<Vec<Hit>> {
        self.each(|query| {
            let mut out = TopK::new(self.k);
            exact_search(&self.vectors, self.metric, query, filter, None, &mut out);
            out.into_sorted()
        })
    }

    /// Queries per second of all of them at once, on one thread; they must find what each finds alone.
    fn together(
        &self,
        index: &dyn Index,
        params: &SearchParams,
        filter: Option<&Bitmap>,
        alone: &[(Vec<Hit>, SearchStats)],
    ) -> f64 {
        let queries: Vec<&[u8]> = (0..self.queries.rows).map(|at| self.queries.row(at)).collect();
        let mut seconds = f64::INFINITY;
        for _ in 0..3 {
            let mut outs: Vec<TopK> = queries.iter().map(|_| TopK::new(self.k)).collect();
            let start = Instant::now();
            index.search_many(&self.vectors, &queries, self.k, params, filter, &mut outs);
            seconds = seconds.min(start.elapsed().as_secs_f64());
            let same = outs.into_iter().zip(alone).all(|(out, (hits, _))| out.into_sorted() == *hits);
            assert!(same, "queries find other rows together than alone");
        }
        queries.len() as f64 / seconds
    }

    fn measure(&self, index: &dyn Index, ef: usize, filter: Option<&Bitmap>, truth: &[Vec<Hit>]) {
        let effort = (ef > 0).then_some(ef);
        let params = SearchParams { ef: effort, nprobe: effort, ..SearchParams::default() };
        let search = |query: &[u8]| {
            let mut out = TopK::new(self.k);
            let stats = index.search(&self.vectors, query, self.k, &params, filter, &mut out);
            (out.into_sorted(), stats)
        };
        let _ = self.each(search);
        let mut seconds = f64::INFINITY;
        let mut answers = Vec::new();
        for _ in 0..3 {
            let start = Instant::now();
            answers = (0..self.queries.rows).map(|at| search(self.queries.row(at))).collect();
            seconds = seconds.min(start.elapsed().as_secs_f64());
        }
        let together = self.together(index, &params, filter, &answers);
        let right = |query: usize, found: &[Hit], truth: &[Hit]| {
            let worst = truth.last().map_or(f32::NEG_INFINITY, |hit| hit.key);
            let found = exact_hits(&self.vectors, self.metric, self.queries.row(query), found.to_vec());
            (found.iter().filter(|hit| hit.key <= worst).count(), truth.len())
        };
        let answered = answers.iter().zip(truth).enumerate();
        let shares = answered.map(|(query, ((found, _), truth))| right(query, found, truth));
        let (right, of) = shares.fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
        let mut stats = SearchStats::default();
        answers.iter().for_each(|(_, one)| stats.add(*one));
        let n = answers.len().max(1) as f64;
        println!(
            "{ef:>6} {:>8.4} {:>9.0} {together:>9.0} {:>9.0} {:>8.0} {:>6.0} {}",
            right as f64 / of.max(1) as f64,
            n / seconds,
            stats.approximate as f64 / n,
            stats.exact as f64 / n,
            stats.hops as f64 / n,
            if stats.scanned { "scanned" } else { "" }
        );
    }
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
    let (queries, _) = read(options.get("queries", ""), element)?;
    let bench = Bench {
        vectors: VectorsView::new(element, dim, &base),
        queries: VectorsView::new(element, dim, &queries),
        metric: Metric::parse(options.get("metric", "COSINE")).ok_or("unknown metric")?,
        k: options.number("k", "10")?,
        threads: options.number("threads", "2")?,
    };
    let index = index(&options, &bench)?;
    println!("{}", index.describe());
    for share in options.get("filters", "100").split(',') {
        let share: f64 = share.parse()?;
        let mut random = fastrand::Rng::with_seed(1);
        let bits: Vec<bool> = (0..bench.vectors.rows).map(|_| random.f64() * 100.0 < share).collect();
        let filter = Some(Bitmap::from_bools(&bits)).filter(|_| share < 100.0);
        let truth = bench.truth(filter.as_ref());
        println!("{share} % of rows allowed, one thread, {} hits", bench.k);
        println!("effort   recall queries/s  together     codes    exact   hops");
        for ef in options.get("efforts", "0,16,24,32,48,64,96,128,200,400").split(',') {
            bench.measure(index.as_ref(), ef.parse()?, filter.as_ref(), &truth);
        }
    }
    Ok(())
}
