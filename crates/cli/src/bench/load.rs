//! `elanus bench load`: measuring servers.

use super::{metric, write};
use clap::Args;
use elanus_bench::{Filter, Plan};
use elanus_kernels::Metric;
use elanus_types::{Error, Result};
use serde_json::{Map, Value};
use std::path::PathBuf;
use std::time::Duration;

/// Options of `bench load`.
#[derive(Args)]
pub struct Load {
    /// Server.
    #[arg(long, default_value = "http://127.0.0.1:19530")]
    uri: String,
    /// Database.
    #[arg(long, default_value = "default")]
    database: String,
    /// Collection; dropped and made anew unless --reuse is given.
    #[arg(long, default_value = "elanus_bench")]
    collection: String,
    /// Vectors to insert: .npy, float32 or float16, C order.
    #[arg(long)]
    vectors: PathBuf,
    /// Only the first ROWS vectors.
    #[arg(long)]
    rows: Option<usize>,
    /// Query vectors: .npy; without it nothing is searched.
    #[arg(long)]
    queries: Option<PathBuf>,
    /// Exact neighbours: .npy of integers, one row per query; computed if missing.
    #[arg(long)]
    truth: Option<PathBuf>,
    /// Search the collection that an earlier run filled with the same vectors.
    #[arg(long)]
    reuse: bool,
    /// Metric: COSINE, IP or L2.
    #[arg(long, default_value = "COSINE", value_parser = metric)]
    metric: Metric,
    /// Index type.
    #[arg(long, default_value = "AUTOINDEX")]
    index: String,
    /// Index parameters, for example '{"M": 16, "efConstruction": 200}'.
    #[arg(long, default_value = "{}", value_parser = object)]
    index_params: Map<String, Value>,
    /// Store the vectors as FLOAT16.
    #[arg(long)]
    half: bool,
    /// Rows per insert.
    #[arg(long, default_value_t = 2000)]
    batch: usize,
    /// Connections that insert.
    #[arg(long, default_value_t = 4)]
    insert_clients: usize,
    /// Connections that search; several numbers are measured one after the other.
    #[arg(long, value_delimiter = ',', default_value = "1,8")]
    clients: Vec<usize>,
    /// Values of the search parameter ef.
    #[arg(long, value_delimiter = ',')]
    ef: Vec<u64>,
    /// Search parameters, for example '{"nprobe": 16}'; may be repeated.
    #[arg(long, value_parser = object)]
    params: Vec<Map<String, Value>>,
    /// Filter expression; may be repeated.
    #[arg(long)]
    filter: Vec<String>,
    /// Filters that let these shares of the rows through, in percent; 100 is no filter.
    #[arg(long, value_delimiter = ',')]
    filter_percent: Vec<f64>,
    /// Vectors per search.
    #[arg(long, default_value_t = 1)]
    nq: usize,
    /// Hits per vector.
    #[arg(long, default_value_t = 10)]
    limit: usize,
    /// Open loop: so many searches per second, latency counted from the moment each was due.
    #[arg(long)]
    rate: Option<f64>,
    /// Seconds before each measurement.
    #[arg(long, default_value_t = 2.0)]
    warmup: f64,
    /// Seconds of each measurement.
    #[arg(long, default_value_t = 10.0)]
    seconds: f64,
    /// Longest wait for the index, in seconds.
    #[arg(long, default_value_t = 3600.0)]
    index_timeout: f64,
    /// Also write the results as JSON; - is standard output.
    #[arg(long)]
    json: Option<PathBuf>,
}

fn object(text: &str) -> Result<Map<String, Value>, String> {
    serde_json::from_str(text).map_err(|error| format!("expected a JSON object: {error}"))
}

fn seconds(name: &str, value: f64) -> Result<Duration> {
    Duration::try_from_secs_f64(value).map_err(|error| Error::invalid(format!("--{name} {value}: {error}")))
}

/// Measures and prints.
pub fn run(load: &Load) -> Result<()> {
    let plan = load.plan()?;
    let report = crate::serve::in_runtime(0, elanus_bench::run(&plan, &|line| eprintln!("{line}")))?;
    match &load.json {
        Some(path) if path.as_os_str() == "-" => println!("{}", report.to_json()),
        Some(path) => {
            write(path, &report.to_json())?;
            print!("{report}");
        }
        None => print!("{report}"),
    }
    let complaint = report.searches.iter().find_map(|row| row.complaint.as_deref());
    complaint.map_or(Ok(()), |text| Err(Error::invalid(format!("some searches failed: {text}"))))
}

impl Load {
    fn plan(&self) -> Result<Plan> {
        Ok(Plan {
            uri: self.uri.clone(),
            database: self.database.clone(),
            collection: self.collection.clone(),
            vectors: Some(self.vectors.clone()),
            rows: self.rows,
            queries: self.queries.clone(),
            truth: self.truth.clone(),
            reuse: self.reuse,
            metric: self.metric,
            index: self.index.clone(),
            index_params: self.index_params.clone(),
            half: self.half,
            batch: self.batch,
            insert_clients: self.insert_clients,
            clients: self.clients.clone(),
            search_params: self.search_params(),
            filters: self.filters(),
            nq: self.nq,
            limit: self.limit,
            rate: self.rate,
            warmup: seconds("warmup", self.warmup)?,
            duration: seconds("seconds", self.seconds)?,
            index_timeout: seconds("index-timeout", self.index_timeout)?,
        })
    }

    fn search_params(&self) -> Vec<Map<String, Value>> {
        let with_ef = |ef: &u64| Map::from_iter([("ef".to_owned(), Value::from(*ef))]);
        let mut all: Vec<_> = self.ef.iter().map(with_ef).collect();
        all.extend(self.params.iter().cloned());
        if all.is_empty() { vec![Map::new()] } else { all }
    }

    fn filters(&self) -> Vec<Filter> {
        let share = |percent: &f64| if *percent < 100.0 { Filter::Percent(*percent) } else { Filter::None };
        let mut all: Vec<_> = self.filter_percent.iter().map(share).collect();
        all.extend(self.filter.iter().cloned().map(Filter::Text));
        if all.is_empty() { vec![Filter::None] } else { all }
    }
}
