//! Development tasks. `cargo xtask test` is the one command that says whether the tree is good.

#[cfg(test)]
mod tree;

use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    let task = std::env::args().nth(1).unwrap_or_default();
    let done = match task.as_str() {
        "test" => test(),
        _ => {
            eprintln!("usage: cargo xtask test");
            false
        }
    };
    if done { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Format, lints, tests, in this order; stops at the first that fails.
fn test() -> bool {
    cargo(&["fmt", "--all", "--check"])
        && cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])
        && cargo(&["test", "--workspace"])
}

/// Runs cargo with `arguments`, showing what it prints.
fn cargo(arguments: &[&str]) -> bool {
    eprintln!("==> cargo {}", arguments.join(" "));
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    match Command::new(cargo).args(arguments).status() {
        Ok(status) => status.success(),
        Err(error) => {
            eprintln!("cannot run cargo: {error}");
            false
        }
    }
}
