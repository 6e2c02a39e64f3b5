//! `elanus bench`: measuring servers, and indexes without one.

mod filter;
mod index;
mod load;

use clap::Subcommand;
use elanus_kernels::Metric;
use elanus_types::{Error, Result};
use std::path::Path;

/// What to measure.
#[derive(Subcommand)]
pub enum Command {
    /// Fill a collection and search it, on any server that speaks the Milvus protocol.
    ///
    /// The collection gets the fields id, bucket (0 to 9,999, spread evenly) and vector. Every combination of
    /// --clients, --ef or --params, and filters is measured for --seconds.
    Load(Box<load::Load>),
    /// Build indexes on vectors of your own, without a server, and sweep recall against speed.
    ///
    /// Vectors and queries are .npy (float32, float16, int8 or uint8, C order), .fvecs or .bvecs files. Every kind is searched
    /// with growing effort (ef of graphs, nprobe of lists): doubled until recall exceeds .999 or twice in a row nothing more
    /// is found; before that with the effort that the index itself found sufficient when it was built.
    ///
    /// elanus bench index --base base.npy --queries queries.npy --metric cosine --kinds 'HNSW:M=16;IVF_SQ8:nlist=1024,FLAT' --svg curves.svg
    Index(Box<index::Index>),
    /// Count rows under filters, without a server: first by scans, then with indexes.
    Filter(Box<filter::Filter>),
}

/// Measures and prints.
pub fn run(command: &Command) -> Result<()> {
    match command {
        Command::Load(load) => load::run(load),
        Command::Index(index) => index::run(index),
        Command::Filter(filter) => filter::measure(filter),
    }
}

fn metric(name: &str) -> Result<Metric, String> {
    let known =
        Metric::parse(name).filter(|metric| [Metric::L2, Metric::Ip, Metric::Cosine].contains(metric));
    known.ok_or_else(|| "expected COSINE, IP or L2".to_owned())
}

fn write(path: &Path, text: &str) -> Result<()> {
    std::fs::write(path, text).map_err(|error| Error::io(format_args!("writing {}", path.display()), &error))
}
