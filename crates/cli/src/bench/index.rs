//! `elanus bench index`: measuring indexes without a server.

use super::{metric, write};
use clap::Args;
use elanus_bench::index::{Contender, Plan, Watch, draw, kinds};
use elanus_kernels::{Element, Metric};
use elanus_runtime::Progress;
use elanus_types::Result;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::mpsc::RecvTimeoutError;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How often a bar moves.
const TICK: Duration = Duration::from_millis(100);

/// Options of `bench index`.
#[derive(Args)]
pub struct Index {
    /// Vectors to index: .npy, .fvecs or .bvecs.
    #[arg(long)]
    base: PathBuf,
    /// Vectors to search for.
    #[arg(long)]
    queries: PathBuf,
    /// Exact neighbours: row numbers in .ivecs or .npy, one row per query; computed if missing.
    #[arg(long)]
    truth: Option<PathBuf>,
    /// Only the first ROWS vectors.
    #[arg(long)]
    rows: Option<usize>,
    /// Metric: cosine, l2 or ip.
    #[arg(long, default_value = "cosine", value_parser = metric)]
    metric: Metric,
    /// Index types, with parameters after a colon: 'AUTOINDEX,HNSW:M=16,efConstruction=200;IVF_SQ8:nlist=1024'. `all` is every
    /// kind that needs no parameters.
    #[arg(long, default_value = "all", value_parser = parse_kinds)]
    kinds: Kinds,
    /// Hits per query.
    #[arg(short, long, default_value_t = 10)]
    k: usize,
    /// Threads that build, compute exact neighbours and search in batches; one query at a time is always measured on one.
    /// As many as there are cores if not given.
    #[arg(long)]
    threads: Option<usize>,
    /// Efforts to search with, instead of doubling.
    #[arg(long, value_delimiter = ',')]
    efforts: Vec<usize>,
    /// Values of recall_target to search with, of kinds that have efforts: what they promise beside what is found. An empty
    /// text is none.
    #[arg(long, default_value = "0.8,0.9,0.95,0.99", value_parser = parse_targets)]
    targets: Targets,
    /// Values of refine_k, for kinds that have it: rows compared exactly, per hit, of those that codes found nearest.
    #[arg(long, value_delimiter = ',')]
    refine_k: Vec<f32>,
    /// Filters that allow these shares of the rows, in percent; 100 is no filter.
    #[arg(long, value_delimiter = ',', default_value = "100")]
    filters: Vec<f64>,
    /// Store the vectors as f32, f16 or bf16; as in the file if not given.
    #[arg(long, value_parser = element)]
    element: Option<Element>,
    /// Seconds of each measurement, at least.
    #[arg(long, default_value_t = 1.0)]
    seconds: f64,
    /// Keep built indexes in this folder and take them from there the next time.
    #[arg(long)]
    keep: Option<PathBuf>,
    /// Also write the results as JSON; - is standard output.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Draw recall against speed.
    #[arg(long)]
    svg: Option<PathBuf>,
}

#[derive(Clone, Debug, PartialEq)]
struct Targets(Vec<f64>);

fn parse_targets(text: &str) -> Result<Targets, String> {
    let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
    let number = |word: &str| word.parse().map_err(|_| format!("{word} is no number: expected .9,.95,.99"));
    words.map(number).collect::<Result<_, _>>().map(Targets)
}

#[derive(Clone, Debug)]
struct Kinds(Vec<Contender>);

fn parse_kinds(text: &str) -> Result<Kinds, String> {
    match text {
        "all" => Ok(Kinds(Vec::new())),
        text => kinds::parse(text).map(Kinds).map_err(|error| error.message().to_owned()),
    }
}

fn element(name: &str) -> Result<Element, String> {
    let known = [Element::F32, Element::F16, Element::BF16];
    known.into_iter().find(|one| one.name() == name).ok_or_else(|| "expected f32, f16 or bf16".to_owned())
}

/// Measures and prints.
pub fn run(options: &Index) -> Result<()> {
    let report = elanus_bench::index::run(&options.plan(), &Screen::default())?;
    if let Some(path) = &options.svg {
        write(path, &draw(&report))?;
    }
    match &options.json {
        Some(path) if path.as_os_str() == "-" => println!("{}", report.to_json()),
        Some(path) => {
            write(path, &report.to_json())?;
            print!("{report}");
        }
        None => print!("{report}"),
    }
    Ok(())
}

impl Index {
    fn plan(&self) -> Plan {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Plan {
            truth: self.truth.clone(),
            rows: self.rows.unwrap_or(usize::MAX),
            element: self.element,
            metric: self.metric,
            contenders: self.kinds.0.clone(),
            k: self.k,
            threads: self.threads.unwrap_or(cores).max(1),
            efforts: self.efforts.clone(),
            targets: self.targets.0.clone(),
            refine_k: self.refine_k.clone(),
            filters: self.filters.clone(),
            seconds: self.seconds,
            keep: self.keep.clone(),
            ..Plan::new(self.base.clone(), self.queries.clone())
        }
    }
}

/// A bar where it is known how much there is to do.
fn show(bar: &ProgressBar, progress: &Progress) {
    let template = if progress.total() > 0 {
        "{msg} {wide_bar} {percent} % {elapsed}"
    } else {
        "{spinner} {msg} {elapsed}"
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.set_length(progress.total());
    bar.set_position(progress.done());
    bar.tick();
}

/// A bar on a terminal, plain lines elsewhere; both on standard error.
#[derive(Default)]
struct Screen(Mutex<Option<Shown>>);

/// A bar and the thread that moves it.
struct Shown {
    bar: ProgressBar,
    stop: std::sync::mpsc::Sender<()>,
    mover: std::thread::JoinHandle<()>,
}

impl Watch for Screen {
    fn begin(&self, what: &str, progress: &Progress) {
        if !std::io::stderr().is_terminal() {
            return;
        }
        let bar = ProgressBar::new(0).with_message(what.to_owned());
        let (stop, stopped) = std::sync::mpsc::channel::<()>();
        let (moving, progress) = (bar.clone(), progress.clone());
        let mover = std::thread::spawn(move || {
            while stopped.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                show(&moving, &progress);
            }
        });
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Shown { bar, stop, mover });
    }

    fn end(&self, result: &str) {
        let shown = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(Shown { bar, stop, mover }) = shown {
            drop(stop);
            // A bar that cannot be moved is no reason to stop measuring.
            let _ = mover.join();
            bar.finish_and_clear();
        }
        eprintln!("{result}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_numbers_and_may_be_none() {
        assert_eq!(parse_targets(" .9, 0.95,"), Ok(Targets(vec![0.9, 0.95])));
        assert_eq!(parse_targets(""), Ok(Targets(Vec::new())));
        assert!(parse_targets("0.9,much").is_err_and(|text| text.starts_with("much is no number")));
    }

    #[test]
    fn targets_without_the_flag_are_those_of_a_plan() {
        #[derive(clap::Parser)]
        struct Line {
            #[command(flatten)]
            index: Index,
        }
        let line: Line = clap::Parser::parse_from(["bench", "--base", "b.npy", "--queries", "q.npy"]);
        assert_eq!(line.index.plan().targets, elanus_bench::index::TARGETS);
    }
}
