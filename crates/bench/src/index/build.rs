//! Building an index, or taking one that was kept.

use super::{Contender, Plan, Watch};
use elanus_ann::{Body, BuildRequest, Index, Resolved, VectorsView, build, open};
use elanus_runtime::{Cancel, Progress};
use elanus_types::{Error, Result};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

/// An open index.
pub(super) struct Built {
    pub(super) label: String,
    pub(super) index: Box<dyn Index>,
    /// `None` for one that an earlier run built.
    pub(super) seconds: Option<f64>,
}

/// Builds it and says so.
pub(super) fn run(
    plan: &Plan,
    contender: &Contender,
    resolved: &Resolved,
    vectors: &VectorsView<'_>,
    watch: &dyn Watch,
) -> Result<Built> {
    let label = contender.label();
    let kept = plan.keep.as_ref().map(|folder| folder.join(file_name(&label, plan, vectors)));
    let read = kept.as_ref().and_then(|path| std::fs::read(path).ok());
    // A file of another version is no reason to stop: it is built anew.
    let opened = read.and_then(|body| open(resolved.kind, plan.metric, vectors, Arc::new(body)).ok());
    if let Some(index) = opened {
        return Ok(Built { label, index, seconds: None });
    }
    let progress = Progress::new();
    watch.begin(&format!("building {label}"), &progress);
    let start = Instant::now();
    let request = BuildRequest::new(resolved, plan.metric, *vectors, plan.threads);
    let body = build(&request, &progress, &Cancel::new())?;
    let seconds = start.elapsed().as_secs_f64();
    watch.end(&format!("{label}: built in {seconds:.2} s"));
    keep(kept, &body)?;
    let body: Body = Arc::new(body);
    Ok(Built { label, index: open(resolved.kind, plan.metric, vectors, body)?, seconds: Some(seconds) })
}

fn keep(path: Option<PathBuf>, body: &[u8]) -> Result<()> {
    let Some(path) = path else { return Ok(()) };
    let folder = path.parent().map_or(Ok(()), std::fs::create_dir_all);
    let written = folder.and_then(|()| std::fs::write(&path, body));
    written.map_err(|error| Error::io(format_args!("writing {}", path.display()), &error))
}

/// Says what the index was built on, as far as opening it would not find out.
fn file_name(label: &str, plan: &Plan, vectors: &VectorsView<'_>) -> String {
    let base = plan.base.file_stem().unwrap_or_default().to_string_lossy();
    let VectorsView { element, dim, rows, .. } = vectors;
    let name = format!("{base}-{rows}-{dim}-{}-{}-{label}", element.name(), plan.metric);
    let plain = |letter: char| if letter.is_alphanumeric() || "-_=.".contains(letter) { letter } else { '-' };
    name.chars().map(plain).collect::<String>() + ".index"
}
