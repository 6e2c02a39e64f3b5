//! Tests on an emulated ARM processor, for machines that have none.

use super::{cargo, target};
use crate::step::Step;
use std::path::Path;
use std::process::{Command, Stdio};

const TARGET: &str = "aarch64-unknown-linux-gnu";
const LINKER: &str = "aarch64-linux-gnu-gcc";
const EMULATOR: &str = "qemu-aarch64";
/// Where the packages below put the libraries of the other architecture.
const LIBRARIES: &str = "/usr/aarch64-linux-gnu";
/// What Debian and Ubuntu call what is needed.
const PACKAGES: &str = "qemu-user gcc-aarch64-linux-gnu libc6-dev-arm64-cross";

/// Every kernel against its plain version and every index against exact answers, with NEON and without; and whether the
/// whole binary compiles.
pub fn test() -> Result<(), String> {
    for program in [LINKER, EMULATOR] {
        let found = Command::new(program).arg("--version").stdout(Stdio::null()).status();
        found.map_err(|error| format!("cannot run {program} ({error}): install {PACKAGES}"))?;
    }
    Step::new(Path::new("rustup"), super::root()).arguments(["target", "add", TARGET]).run(10)?;
    let folder = target()?.join("arm");
    let step = |arguments: &[&str]| {
        cargo(arguments)
            .arguments(["--target", TARGET])
            .environment("CARGO_TARGET_DIR", &folder)
            .environment("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER", LINKER)
            .environment(
                "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER",
                format!("{EMULATOR} -L {LIBRARIES}"),
            )
            .environment("CC_aarch64_unknown_linux_gnu", LINKER)
    };
    step(&["clippy", "--package", "elanus-cli"]).arguments(["--", "-D", "warnings"]).run(30)?;
    step(&["test", "--package", "elanus-kernels"]).run(20)?;
    // A program under emulation cannot start itself again: each level has a run of its own.
    let oracle = |level| {
        step(&["test", "--package", "elanus-ann", "--test", "oracle"]).environment("ELANUS_ISA", level)
    };
    oracle("neon").run(40)?;
    oracle("scalar").arguments(["--", "small_and_degenerate_sets_are_answered_in_full"]).run(40)
}
