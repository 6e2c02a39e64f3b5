//! Ways to run all scenarios.

use crate::server::{Server, Stop};
use serde_json::Value;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How long maintenance may take to settle.
const LIMIT: Duration = Duration::from_secs(60);

/// Everything is sealed at once, sealed segments are merged by twos, and two rows are enough for an index.
const TINY: &[&str] = &[
    "growing_size=1KiB",
    "log_size=4KiB",
    "log_file_size=1KiB",
    "quiet=0",
    "segment.index_min_rows=2",
    "segment.index_busy_rows=2",
    "segment.busy_fan_in=2",
];

/// Each scenario has a database of its own, and there are more of them than databases by default.
const ALWAYS: &[&str] = &["limits.databases=1000"];

/// How scenarios are run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Configuration {
    /// As a user would start it.
    Default,
    /// Rows are sealed, merged and indexed all the time. After two of three steps maintenance settles, so that reads
    /// find growing rows, sealed ones and mixtures.
    TinySegments,
    /// The server is stopped after each step, by SIGTERM and SIGKILL in turn, and started anew, at times with tiny
    /// segments.
    Restarts,
}

impl Configuration {
    /// The settings of the server that runs the steps of a round; `own` are those that the scenarios ask for.
    fn settings(self, round: usize, own: &[String]) -> Vec<&str> {
        let mut settings = match self {
            Configuration::Default => Vec::new(),
            Configuration::TinySegments => TINY.to_vec(),
            Configuration::Restarts if round % 4 < 2 => Vec::new(),
            Configuration::Restarts => TINY.to_vec(),
        };
        settings.extend(ALWAYS);
        settings.extend(own.iter().map(String::as_str));
        settings
    }

    /// The first server.
    pub async fn start(self, folder: &Path, own: &[String]) -> Result<Server, String> {
        Server::start(folder, &self.settings(0, own)).await
    }

    /// What happens after each step; answers the server for the next one.
    pub async fn between(
        self,
        server: Server,
        folder: &Path,
        round: usize,
        own: &[String],
    ) -> Result<Server, String> {
        match self {
            Configuration::Default => Ok(server),
            Configuration::TinySegments if round % 3 == 2 => Ok(server),
            Configuration::TinySegments => settle(server.admin).await.map(|()| server),
            Configuration::Restarts => {
                server.stop(if round.is_multiple_of(2) { Stop::Killed } else { Stop::Asked }).await?;
                Server::start(folder, &self.settings(round + 1, own)).await
            }
        }
    }
}

/// Waits until nothing is left in memory and every index is built.
async fn settle(admin: u16) -> Result<(), String> {
    let begun = Instant::now();
    loop {
        let status = status(admin).await.map_err(|error| format!("reading the status: {error}"))?;
        let collections = status["collections"].as_array().cloned().unwrap_or_default();
        let busy = collections.iter().find(|collection| {
            let indexes = collection["indexes"].as_array().cloned().unwrap_or_default();
            // Segments of fewer rows than an index needs are never indexed.
            collection["segments_growing"] != 0
                || indexes.iter().any(|i| i["pending_rows"].as_u64() > Some(1))
        });
        match busy {
            None => return Ok(()),
            Some(busy) if begun.elapsed() > LIMIT => {
                return Err(format!("maintenance does not settle: {busy}"));
            }
            Some(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

async fn status(admin: u16) -> std::io::Result<Value> {
    let mut stream = TcpStream::connect(("127.0.0.1", admin)).await?;
    stream.write_all(b"GET /status HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await?;
    let mut text = String::new();
    stream.read_to_string(&mut text).await?;
    let body = text.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    Ok(serde_json::from_str(body)?)
}
