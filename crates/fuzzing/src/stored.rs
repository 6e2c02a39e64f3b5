//! The log, its records and versioned objects.

use crate::sample;
use elanus_engine::decode;
use elanus_storage::{Disk, FileWal, SimDisk, Versioned, WalOptions};
use elanus_types::Result;
use std::sync::Arc;

const MAGICS: [[u8; 8]; 2] = [*b"ELANMNF\0", *b"ELANCAT\0"];

/// A log record's payload.
pub fn record(input: &[u8]) {
    let _ = decode::record(input);
}

/// The payloads in the sample's log.
pub fn records() -> Vec<Vec<u8>> {
    let disk = Arc::new(sample::disk(&sample::sample().files));
    let log = FileWal::open(disk, "wal", WalOptions::default()).expect("the sample's log");
    let mut records = Vec::new();
    let mut keep = |_, bytes: &[u8]| {
        records.push(bytes.to_vec());
        Ok(())
    };
    log.read_from(log.begin(), &mut keep).expect("the sample's records");
    records
}

/// A log file.
pub fn log(input: &[u8]) {
    let read = || -> Result<()> {
        let disk = holding("wal/00000000000000000001.log", input);
        let log = FileWal::open(Arc::new(disk), "wal", WalOptions::default())?;
        log.read_from(log.begin(), &mut |_, bytes| decode::record(bytes))?;
        log.append(vec![bytes::Bytes::from_static(b"next")]).map(|_| ())
    };
    let _ = read();
}

/// The sample's log files.
pub fn logs() -> Vec<Vec<u8>> {
    named(|path| path.starts_with("wal/"))
}

/// A versioned object: a manifest or a catalog; with its frame, or only what is inside.
pub fn object(input: &[u8]) {
    for magic in MAGICS {
        let disk = holding("object/00000000000000000001", input);
        let inner =
            Versioned::open(Arc::new(disk), "object", magic).and_then(|versions| versions.load_newest());
        if let Ok(Some((_, inner))) = inner {
            let _ = (decode::manifest(&inner), decode::catalog(&inner));
        }
    }
    let _ = (decode::manifest(input), decode::catalog(input));
}

/// The sample's objects, whole and without their frames.
pub fn objects() -> Vec<Vec<u8>> {
    let whole = named(|path| path.contains("/manifest/") || path.starts_with("catalog/"));
    let inner = whole.iter().filter_map(|bytes| {
        let start = bytes.iter().position(|byte| *byte == b'{')?;
        Some(bytes[start..].to_vec())
    });
    inner.collect::<Vec<_>>().into_iter().chain(whole).collect()
}

fn named(is_meant: impl Fn(&str) -> bool) -> Vec<Vec<u8>> {
    let files = sample::sample().files.iter();
    files.filter(|(path, _)| is_meant(path)).map(|(_, bytes)| bytes.clone()).collect()
}

fn holding(path: &str, bytes: &[u8]) -> SimDisk {
    let disk = sample::disk(&[(path.to_owned(), bytes.to_vec())]);
    disk.sync_dir("").expect("a folder");
    disk
}
