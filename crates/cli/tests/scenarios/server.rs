//! The built binary, serving a folder.

use elanus_proto::milvus::GetVersionRequest;
use elanus_proto::milvus::milvus_service_client::MilvusServiceClient;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tonic::transport::{Channel, Endpoint};

/// How long a server may take to start, or to stop after it was asked.
const LIMIT: Duration = Duration::from_secs(60);
/// Ports that servers are started on.
const FIRST_PORT: u16 = 22_000;
const PORTS: u32 = 10_000;

/// How a server is stopped.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Stop {
    /// SIGTERM, as an operator does.
    Asked,
    /// SIGKILL.
    Killed,
}

/// A folder, and the process that serves it.
pub struct Server {
    folder: PathBuf,
    process: Child,
    /// Where clients connect.
    pub channel: Channel,
    /// The port of status.
    pub admin: u16,
}

impl Server {
    /// Starts on the folder with these settings. A port that was free may be taken a moment later, so it tries again.
    pub async fn start(folder: &Path, settings: &[&str]) -> Result<Self, String> {
        let mut complaint = String::new();
        for _ in 0..5 {
            match Self::try_start(folder, settings).await {
                Ok(server) => return Ok(server),
                Err(error) => complaint = error,
            }
        }
        Err(complaint)
    }

    async fn try_start(folder: &Path, settings: &[&str]) -> Result<Self, String> {
        let (port, admin) = (free_port()?, free_port()?);
        let mut process =
            spawn(folder, settings, port, admin).map_err(|error| format!("starting: {error}"))?;
        let endpoint =
            Endpoint::from_shared(format!("http://127.0.0.1:{port}")).map_err(|e| e.to_string())?;
        let begun = Instant::now();
        loop {
            if let Some(channel) = answering(&endpoint).await {
                return Ok(Self { folder: folder.to_owned(), process, channel, admin });
            }
            let ended = process.try_wait().map_err(|error| error.to_string())?;
            if ended.is_some() || begun.elapsed() > LIMIT {
                // It may have ended by itself already.
                let _ = process.kill();
                let _ = process.wait();
                return Err(format!("the server did not start:\n{}", log_tail(folder)));
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Stops the process and waits for its end.
    pub async fn stop(mut self, how: Stop) -> Result<(), String> {
        match how {
            Stop::Killed => self.process.kill().map_err(|error| error.to_string())?,
            Stop::Asked => {
                let pid = self.process.id().to_string();
                let sent = Command::new("kill").args(["-TERM", &pid]).status();
                sent.map_err(|error| format!("sending SIGTERM: {error}"))?;
            }
        }
        let begun = Instant::now();
        loop {
            match self.process.try_wait().map_err(|error| error.to_string())? {
                Some(status) if how == Stop::Killed || status.success() => return Ok(()),
                Some(status) => {
                    return Err(format!("the server ended with {status}:\n{}", log_tail(&self.folder)));
                }
                None if begun.elapsed() > LIMIT => return Err("the server does not stop".to_owned()),
                None => tokio::time::sleep(Duration::from_millis(2)).await,
            }
        }
    }

    /// What it said last.
    pub fn log_tail(&self) -> String {
        log_tail(&self.folder)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail when the process has ended, which is what is wanted.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn spawn(folder: &Path, settings: &[&str], port: u16, admin: u16) -> std::io::Result<Child> {
    let log = std::fs::File::options().create(true).append(true).open(log_of(folder))?;
    let mut command = Command::new(env!("CARGO_BIN_EXE_elanus"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("ELANUS_")) {
        command.env_remove(name);
    }
    command.arg("serve").arg("--data").arg(folder);
    command.args(["--port", &port.to_string(), "--admin-port", &admin.to_string()]);
    settings.iter().for_each(|setting| {
        command.args(["--set", setting]);
    });
    command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).spawn()
}

/// A connection, once the server answers on it: it listens before its folder is open.
async fn answering(endpoint: &Endpoint) -> Option<Channel> {
    let channel = endpoint.connect().await.ok()?;
    let mut client = MilvusServiceClient::new(channel.clone());
    client.get_version(GetVersionRequest {}).await.ok().map(|_| channel)
}

/// A port that nobody listens on. None of those that the system gives to outgoing connections: one of them might
/// take it before the server does, even this very client's own.
fn free_port() -> Result<u16, String> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let begin = std::process::id().wrapping_mul(101);
    for _ in 0..PORTS {
        let place = begin.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % PORTS;
        let port = FIRST_PORT + u16::try_from(place).unwrap_or(0);
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    Err("no free port".to_owned())
}

/// Removes a folder that is no longer served, and what its servers said.
pub fn remove(folder: &Path) -> Result<(), String> {
    let removed = std::fs::remove_dir_all(folder).and_then(|()| std::fs::remove_file(log_of(folder)));
    removed.map_err(|error| format!("removing {}: {error}", folder.display()))
}

fn log_of(folder: &Path) -> PathBuf {
    folder.with_extension("log")
}

fn log_tail(folder: &Path) -> String {
    let text = std::fs::read_to_string(log_of(folder)).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}
