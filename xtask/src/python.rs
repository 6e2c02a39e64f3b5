//! Tests with real clients: environments made once and kept, then pytest against the built binary.

use crate::step::Step;
use crate::{root, target};
use std::path::{Path, PathBuf};

/// A client library and the tests it runs.
struct Client {
    /// Name of the environment's folder.
    folder: &'static str,
    /// What pip installs.
    packages: &'static [&'static str],
    /// Files under tests/python.
    tests: &'static [&'static str],
}

/// How often the network may fail before an installation is given up.
const ATTEMPTS: usize = 3;

/// The newest client runs everything, the older ones what their users do most.
const CLIENTS: &[Client] = &[
    Client {
        folder: "venv-3.0.2",
        packages: &["pymilvus==3.0.2", "numpy>=1.26,<3", "pytest==8.4.2"],
        tests: &["."],
    },
    Client {
        folder: "venv-2.6",
        packages: &["pymilvus==2.6.5", "numpy>=1.26,<3", "pytest==8.4.2"],
        tests: &["test_smoke.py"],
    },
    Client {
        folder: "venv-2.5",
        packages: &["pymilvus==2.5.16", "numpy>=1.26,<3", "pytest==8.4.2", "setuptools<80"],
        tests: &["test_smoke.py"],
    },
];

/// Runs the suites of every client; with arguments, only the newest client's with these arguments.
pub fn suites(binary: &Path, arguments: &[&str]) -> Result<(), String> {
    let count = if arguments.is_empty() { CLIENTS.len() } else { 1 };
    for client in CLIENTS.iter().take(count) {
        let tests = if arguments.is_empty() { client.tests } else { arguments };
        let folder = root().join("tests").join("python");
        Step::new(&python(client)?, &folder)
            .arguments(["-m", "pytest", "-q", "-p", "no:cacheprovider"])
            .arguments(tests.iter().copied())
            .environment("ELANUS_BIN", binary)
            .environment("PYTHONDONTWRITEBYTECODE", "1")
            .run(30)?;
        eprintln!("==> {}: passed", client.packages[0]);
    }
    Ok(())
}

/// Kills a writing server `count` times and checks after each that nothing is lost.
pub fn kills(binary: &Path, count: &str) -> Result<(), String> {
    Step::new(&python(&CLIENTS[0])?, &root().join("tests").join("python"))
        .arguments(["kill_loop.py", "--kills", count])
        .environment("ELANUS_BIN", binary)
        .environment("PYTHONDONTWRITEBYTECODE", "1")
        .run(120)
}

/// The client's interpreter; makes the environment if it is missing or its packages changed.
fn python(client: &Client) -> Result<PathBuf, String> {
    let folder = target()?.join(client.folder);
    let program = folder.join("bin").join("python");
    let stamp = folder.join("packages");
    let wanted = client.packages.join("\n");
    if program.exists() && std::fs::read_to_string(&stamp).is_ok_and(|have| have == wanted) {
        return Ok(program);
    }
    make(&folder).map_err(|error| {
        format!("{error}\nThe tests with clients need Python 3 with venv (Debian: apt install python3-venv).")
    })?;
    install(&program, client)?;
    std::fs::write(&stamp, wanted).map_err(|error| format!("cannot write {}: {error}", stamp.display()))?;
    Ok(program)
}

fn install(program: &Path, client: &Client) -> Result<(), String> {
    let mut last = String::new();
    for attempt in 1..=ATTEMPTS {
        let pip = Step::new(program, root())
            .arguments(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
            .arguments(client.packages.iter().copied());
        match pip.run(15) {
            Ok(()) => return Ok(()),
            Err(error) => last = error,
        }
        eprintln!("==> installing {} failed (attempt {attempt} of {ATTEMPTS})", client.packages.join(", "));
        std::thread::sleep(std::time::Duration::from_secs(5 * attempt as u64));
    }
    Err(format!(
        "{last}\nInstalling the clients needs the network once (PyPI, or what PIP_INDEX_URL names); \
         cargo xtask test --rust runs everything else."
    ))
}

fn make(folder: &Path) -> Result<(), String> {
    Step::new(Path::new("python3"), root()).arguments(["-m", "venv", "--clear"]).arguments([folder]).run(5)
}
