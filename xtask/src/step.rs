//! One program run to its end, bounded in time.

use std::ffi::OsString;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long a program that was asked to stop may take to do so.
const GRACE: Duration = Duration::from_secs(20);

/// A program with arguments; shows what it prints.
pub struct Step {
    command: Command,
    shown: String,
}

impl Step {
    /// `program`, run in `folder`.
    pub fn new(program: &Path, folder: &Path) -> Self {
        let mut command = Command::new(program);
        command.current_dir(folder);
        Step { command, shown: program.file_name().unwrap_or_default().to_string_lossy().into_owned() }
    }

    /// Adds arguments.
    pub fn arguments<I: IntoIterator<Item = A>, A: Into<OsString>>(mut self, arguments: I) -> Self {
        for argument in arguments {
            let argument = argument.into();
            self.shown.push(' ');
            self.shown.push_str(&argument.to_string_lossy());
            self.command.arg(argument);
        }
        self
    }

    /// Sets an environment variable.
    pub fn environment(mut self, name: &str, value: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Runs to the end; an error when it fails or takes longer than `minutes`.
    pub fn run(mut self, minutes: u64) -> Result<(), String> {
        eprintln!("==> {}", self.shown);
        let mut child =
            self.command.spawn().map_err(|error| format!("cannot run {}: {error}", self.shown))?;
        match wait(&mut child, Duration::from_secs(minutes * 60)) {
            Some(status) if status.success() => Ok(()),
            Some(status) => Err(format!("==> failed ({status}): {}", self.shown)),
            None => Err(format!("==> stopped after {minutes} minutes: {}", self.shown)),
        }
    }
}

/// Waits up to `limit`; then stops the program with everything it started and answers `None`.
fn wait(child: &mut Child, limit: Duration) -> Option<ExitStatus> {
    if let Some(status) = poll(child, limit) {
        return Some(status);
    }
    let family = descendants(child.id());
    signal("-INT", &family);
    poll(child, GRACE);
    signal("-KILL", &family);
    poll(child, GRACE);
    None
}

fn poll(child: &mut Child, limit: Duration) -> Option<ExitStatus> {
    let end = Instant::now() + limit;
    loop {
        if let Ok(Some(status)) = child.try_wait() {
            return Some(status);
        }
        if Instant::now() >= end {
            return None;
        }
        sleep(Duration::from_millis(50));
    }
}

/// The process and all that it started, as /proc knows them; only itself where there is no /proc.
fn descendants(process: u32) -> Vec<u32> {
    let mut family = vec![process];
    let parents: Vec<(u32, u32)> = processes();
    let mut next = 0;
    while let Some(parent) = family.get(next).copied() {
        family.extend(parents.iter().filter(|(_, of)| *of == parent).map(|(child, _)| *child));
        next += 1;
    }
    family
}

/// Every process with its parent.
fn processes() -> Vec<(u32, u32)> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    let numbers = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    numbers.filter_map(|process| Some((process, parent(process)?))).collect()
}

fn parent(process: u32) -> Option<u32> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The program's name stands in brackets and may hold spaces: state and parent follow the last bracket.
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

fn signal(signal: &str, processes: &[u32]) {
    for process in processes {
        // A process that is gone already is what this asks for.
        let _ = Command::new("kill").arg(signal).arg(process.to_string()).stderr(Stdio::null()).status();
    }
}

#[test]
fn a_program_that_hangs_is_stopped() {
    let step = || Step::new(Path::new("sh"), Path::new("."));
    assert_eq!(step().arguments(["-c", "exit 0"]).run(1), Ok(()));
    assert!(step().arguments(["-c", "exit 3"]).run(1).is_err_and(|text| text.contains("3")));
    let mut child = Command::new("sh").args(["-c", "sleep 60 & wait"]).spawn().expect("sh runs");
    let start = Instant::now();
    assert_eq!(wait(&mut child, Duration::from_millis(200)), None);
    // Not when the program ends by itself. Interrupts are ignored where the tests run in the background.
    assert!(start.elapsed() < Duration::from_secs(50), "it was stopped");
}
