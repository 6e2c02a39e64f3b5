//! Delete lists in numbered files.

use super::files::{DeleteFile, FileEntry};
use elanus_storage::disk::join;
use elanus_storage::{Container, Disk, write_container};
use elanus_types::{Error, Result, Timestamp};

/// What the files begin with.
const MAGIC: &[u8; 8] = b"ELANUSDL";

/// Writes entries of a delete list to a new file of the segment's folder and makes it last. They count once the
/// manifest names the file.
pub(super) fn write(
    disk: &dyn Disk,
    folder: &str,
    number: i64,
    entries: &[(u32, Timestamp)],
) -> Result<DeleteFile> {
    let rows: Vec<u8> = entries.iter().flat_map(|(row, _)| row.to_le_bytes()).collect();
    let times: Vec<u8> = entries.iter().flat_map(|(_, at)| at.0.to_le_bytes()).collect();
    let name = format!("deletes-{number}.bin");
    let file = write_container(disk, &join(folder, &name), MAGIC, &[&rows, &times])?;
    disk.sync_dir(folder)?;
    Ok(DeleteFile { file: FileEntry::new(name, file, 0), deletes: entries.len() })
}

/// Reads a file back; its rows are below `rows`.
pub(super) fn read(
    disk: &dyn Disk,
    folder: &str,
    file: &DeleteFile,
    rows: usize,
) -> Result<Vec<(u32, Timestamp)>> {
    let path = join(folder, &file.file.name);
    let container = Container::open(disk, &path, MAGIC, file.file.bytes)?;
    container.check()?;
    let [places, times] = container.parts()?;
    let places = places.as_chunks::<4>().0.iter().map(|row| u32::from_le_bytes(*row));
    let times = times.as_chunks::<8>().0.iter().map(|at| Timestamp(u64::from_le_bytes(*at)));
    let entries: Vec<(u32, Timestamp)> = places.zip(times).collect();
    if entries.len() != file.deletes || entries.iter().any(|(row, _)| *row as usize >= rows) {
        let stated = file.deletes;
        return Err(Error::damaged(format!("{path} does not hold the {stated} deletes the manifest states")));
    }
    Ok(entries)
}
