//! Writes the valid inputs of every target where the fuzzer looks for them: `corpus FOLDER`.

use std::path::PathBuf;

fn main() -> std::io::Result<()> {
    let folder = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| "fuzz/corpus".to_owned()));
    for target in elanus_fuzzing::TARGETS {
        let inner = folder.join(target.name);
        std::fs::create_dir_all(&inner)?;
        for (number, sample) in (target.samples)().iter().enumerate() {
            std::fs::write(inner.join(format!("sample-{number}")), sample)?;
        }
    }
    Ok(())
}
