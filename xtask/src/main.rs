//! Development tasks. `cargo xtask test` is the one command that says whether the tree is good.

mod arm;
mod python;
mod step;
#[cfg(test)]
mod tree;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use step::Step;

const USAGE: &str = "usage: cargo xtask TASK

tasks:
  test            format, lints, checks of the tree, Rust tests, then the tests with real clients
  test --rust     the same without the clients: needs no Python and no network
  clients [ARG…]  only the tests with real clients; arguments go to pytest
  kills [N]       kill -9 of a writing server N times (200), each time checking that nothing is lost
  arm             kernels and indexes on an emulated ARM processor (qemu-user and a cross compiler needed)";

/// A module for measurements that only whoever wants it builds; nothing uses it.
const PYTHON: &str = "elanus-python";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        ["test"] => rust().and_then(|()| build()).and_then(|binary| clients(&binary)),
        ["test", "--rust"] => rust(),
        ["clients", rest @ ..] => build().and_then(|binary| python::suites(&binary, rest)),
        ["kills"] => build().and_then(|binary| python::kills(&binary, "200")),
        ["kills", count] => build().and_then(|binary| python::kills(&binary, count)),
        ["arm"] => arm::test(),
        _ => Err(USAGE.to_owned()),
    };
    match done {
        Ok(()) => {
            eprintln!("==> all good");
            ExitCode::SUCCESS
        }
        Err(complaint) => {
            eprintln!("{complaint}");
            ExitCode::FAILURE
        }
    }
}

/// Everything that needs the clients.
fn clients(binary: &Path) -> Result<(), String> {
    python::suites(binary, &[])?;
    python::kills(binary, "3")
}

/// Everything that needs nothing but a Rust toolchain; stops at the first step that fails.
fn rust() -> Result<(), String> {
    cargo(&["fmt", "--all", "--check"]).run(2)?;
    let all = ["--workspace", "--exclude", PYTHON];
    cargo(&["clippy"]).arguments(all).arguments(["--all-targets", "--", "-D", "warnings"]).run(45)?;
    cargo(&["test"]).arguments(all).run(60)
}

/// Builds the binary and says where it lies.
fn build() -> Result<PathBuf, String> {
    cargo(&["build", "--package", "elanus-cli"]).run(45)?;
    Ok(target()?.join("debug").join("elanus"))
}

fn cargo(arguments: &[&str]) -> Step {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    Step::new(Path::new(&cargo), root()).arguments(arguments.iter().copied())
}

/// The repository's root.
fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// The target folder: this program lies in `target/debug`.
fn target() -> Result<PathBuf, String> {
    let program = std::env::current_exe().map_err(|error| format!("cannot find this program: {error}"))?;
    let folder = program.parent().and_then(Path::parent);
    folder.map(Path::to_owned).ok_or_else(|| format!("{} lies outside a target folder", program.display()))
}
