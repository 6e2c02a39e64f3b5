//! `elanus serve`: a server to leave running.

use crate::ports::{self, Ports};
use crate::settings::{self, Chosen};
use crate::stop::Stop;
use elanus_engine::{Db, LocalDb};
use elanus_runtime::Settings;
use elanus_runtime::settings::table;
use elanus_server::ServeOptions;
use elanus_server::admin::Admin;
use elanus_types::{Error, Result};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;

/// Serves until SIGTERM or Ctrl-C.
pub fn run(chosen: &Chosen) -> Result<()> {
    let settings = chosen.settings()?;
    crate::log::start(&settings.text(&table::LOG))?;
    settings::strange_variables(settings::variables()).iter().for_each(|warning| tracing::warn!("{warning}"));
    in_runtime(settings.count(&table::NETWORK_THREADS) as usize, serve(&settings))
}

/// Runs `work` on `threads` threads that wait for the network; computing happens on the engine's own.
///
/// The default is one per two CPUs: moving bytes takes less than computing, and threads that share a CPU with those
/// that compute mostly wake and interrupt each other (measured on two CPUs: a quarter more searches with one than with
/// two).
pub fn in_runtime<T>(threads: usize, work: impl Future<Output = Result<T>>) -> Result<T> {
    let cpus = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = if threads == 0 { cpus.div_ceil(2) } else { threads };
    let built = tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build();
    let runtime = built.map_err(|error| Error::io("starting the network threads", &error))?;
    let done = runtime.block_on(work);
    // Whatever still runs by now was given its time.
    runtime.shutdown_timeout(Duration::from_secs(1));
    done
}

async fn serve(settings: &Settings) -> Result<()> {
    // Bound before the folder is opened: a used port is found at once, and clients wait instead of failing.
    let Ports { milvus, admin: admin_port } = ports::open(settings).await?;
    let stop = Stop::on_signal()?;
    let admin = Admin::new(env!("CARGO_PKG_VERSION"));
    let endpoint = tokio::spawn({
        let (admin, stop) = (admin.clone(), stop.clone());
        async move { admin.serve(admin_port, stop.wait()).await }
    });
    let Some(db) = open(settings, &stop).await? else { return Ok(()) };
    admin.serving(Arc::clone(&db) as Arc<dyn Db>);
    tokio::spawn({
        let (admin, stop) = (admin.clone(), stop.clone());
        async move {
            stop.wait().await;
            admin.stopping();
        }
    });
    let served = listen(milvus, db, settings, &stop).await;
    endpoint.abort();
    served
}

/// Opens the folder and says what it holds; `None` when the order to stop came first.
pub async fn open(settings: &Settings, stop: &Stop) -> Result<Option<Arc<LocalDb>>> {
    let folder = PathBuf::from(settings.text(&table::DATA));
    let options = settings::options(settings);
    let begun = Instant::now();
    tracing::info!(version = env!("CARGO_PKG_VERSION"), data = %folder.display(), "opening the database");
    let opening = tokio::task::spawn_blocking(move || LocalDb::open(&folder, options));
    let opened = tokio::select! {
        opened = opening => opened.unwrap_or_else(|error| Err(Error::internal(error.to_string()))),
        () = stop.wait() => return Ok(None),
    };
    let db = opened?;
    let catalog = db.catalog();
    let (databases, collections) = (catalog.databases.len(), catalog.collections.len());
    tracing::info!(databases, collections, took = ?begun.elapsed(), "the database is open");
    Ok(Some(db))
}

/// Serves the protocol until told to stop, then lets go of the folder.
pub async fn listen(listener: TcpListener, db: Arc<LocalDb>, settings: &Settings, stop: &Stop) -> Result<()> {
    let options = ServeOptions {
        max_request_bytes: settings.count(&table::MAX_REQUEST) as usize,
        drain: Duration::from_millis(settings.count(&table::DRAIN)),
        ..ServeOptions::default()
    };
    let address = listener.local_addr().map_err(|error| Error::io("reading the port's address", &error))?;
    tracing::info!("ready: clients connect to http://{address}");
    let served =
        elanus_server::serve_on(listener, Arc::clone(&db) as Arc<dyn Db>, options, stop.wait()).await;
    tracing::info!("closing the database");
    let closed = tokio::task::spawn_blocking(move || db.close()).await;
    closed.map_err(|error| Error::internal(format!("closing the database: {error}")))?;
    tracing::info!("stopped; every acknowledged write is on disk");
    served
}
