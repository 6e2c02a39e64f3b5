//! Bytes that change under files that were durable.

use crate::rounds;
use elanus_storage::wal::Bytes;
use elanus_storage::{FileWal, SimDisk, WalOptions};
use elanus_types::{ErrorKind, Result};
use std::sync::Arc;

fn payload(record: u8, size: usize) -> Vec<u8> {
    (0..size).map(|at| record.wrapping_mul(31).wrapping_add(at as u8)).collect()
}

fn read(disk: &SimDisk) -> Result<Vec<Vec<u8>>> {
    let wal = FileWal::open(Arc::new(disk.clone()), "log", WalOptions { file_bytes: 400 })?;
    let mut found = Vec::new();
    wal.read_from(wal.begin(), &mut |_, payload| {
        found.push(payload.to_vec());
        Ok(())
    })?;
    Ok(found)
}

/// Any flipped bit gives a named error, or changes nothing, or takes the newest records of the newest file: those
/// look like a torn end. Nothing before is ever skipped or changed.
#[test]
fn a_damaged_log_is_named_and_never_read_with_holes() {
    rounds(1_500, |random, disk| {
        let wal = FileWal::open(Arc::new(disk.clone()), "log", WalOptions { file_bytes: 400 }).expect("open");
        let written: Vec<_> = (0..random.u8(2..14)).map(|i| payload(i, random.usize(..150))).collect();
        for record in &written {
            wal.append(vec![Bytes::copy_from_slice(record)]).expect("append");
        }
        drop(wal);
        let files: Vec<_> = disk.files().into_iter().filter(|(_, len)| *len > 0).collect();
        let (path, len) = random.choice(&files).expect("a file").clone();
        disk.flip(&path, random.u64(..len), 1 << random.u8(..8)).expect("flip");
        match read(&disk) {
            Ok(found) => {
                assert!(written.starts_with(&found), "{path}: records were changed or skipped");
                let lost = written.len() - found.len();
                let newest = files.last().is_some_and(|(newest, _)| *newest == path);
                // The last record of each batch proves those before it durable; here each is a batch.
                assert!(lost == 0 || lost == 1 && newest, "{path}: {lost} records vanished");
            }
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Damaged, "{error:?}");
                assert!(error.message().contains(&path), "{error} does not name {path}");
            }
        }
    });
}
