//! Checking files against their checksums while the collection is in use: what is mapped is never looked at as a whole
//! by reads, so a flipped bit would go unnoticed for ever.

use super::Collection;
use super::checked::Checked;
use crate::local::World;
use elanus_runtime::metrics::{Counter, Family};
use elanus_segment::{FileEntry, Sealed, Segment};
use elanus_storage::{BlockCheck, disk::join};
use elanus_types::{Error, ErrorKind, FieldId, Result};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Blocks of 1 MiB compared with their checksums in the background.
pub static BLOCKS: Family<Counter> =
    Family::new("elanus_scrub_blocks_total", "Blocks of 1 MiB compared with their checksums.", &[]);

/// Damage found in files, whoever came across it.
pub static DAMAGE: Family<Counter> = Family::new(
    "elanus_damage_found_total",
    "Damaged files found: rows close their collection, the other kinds are written anew.",
    &["kind"],
);

/// What a file is for, which says what helps when it is damaged.
#[derive(Clone, Copy, Debug)]
enum Kind {
    /// Columns and key look-ups. A look-up that was wrong for a while may have missed deletes.
    Rows,
    /// All deletes are in memory, checked when they were read.
    Deletes,
    /// Can be built from the vectors.
    Index(FieldId),
    /// Can be built from a column; by its number.
    Scalar(i64),
}

impl Collection {
    /// Reads all files of the newest manifest once and compares them with their checksums; `pace` is called after
    /// every block and may end it. Damaged indexes, deletes and manifests are written anew; damage to anything else
    /// closes the collection. Answers how many damaged files there were.
    pub fn scrub(&self, world: &World, pace: &mut dyn FnMut() -> Result<()>) -> Result<u64> {
        match self.scrub_files(world, pace) {
            // Its files went under the check.
            Err(_) if self.dropped.load(Ordering::Relaxed) => Ok(0),
            outcome => outcome,
        }
    }

    fn scrub_files(&self, world: &World, pace: &mut dyn FnMut() -> Result<()>) -> Result<u64> {
        let (mut found, mut failed) = (self.scrub_manifest(world)?, None);
        let sealed = self.view().set.sealed.clone();
        for segment in &sealed {
            for (kind, file) in kinds(segment) {
                match self.scrub_file(world, segment, kind, &file, pace) {
                    Ok(damaged) => found += u64::from(damaged),
                    Err(error) if error.kind() == ErrorKind::Cancelled => return Err(error),
                    // The other files can be checked all the same.
                    Err(error) => failed = Some(error),
                }
            }
        }
        failed.map_or(Ok(()), Err)?;
        let mut checked = self.checked.lock();
        checked.finished = world.clock.now_millis();
        checked.save(self.disk.as_ref(), &self.dir);
        Ok(found)
    }

    /// Whether the file was damaged.
    fn scrub_file(
        &self,
        world: &World,
        segment: &Arc<Sealed>,
        kind: Kind,
        file: &FileEntry,
        pace: &mut dyn FnMut() -> Result<()>,
    ) -> Result<bool> {
        let path = join(&segment.files().folder(&self.dir), &file.name);
        let checked = check_file(world, &path, file, pace);
        let Err(error) = checked else { return Ok(false) };
        let error = match error.kind() {
            ErrorKind::Cancelled => return Err(error),
            // Files go when a merge, an index or a drop made them needless.
            _ if !self.is_live(segment, file) => return Ok(false),
            ErrorKind::Damaged => error,
            _ if !self.disk.exists(&path)? => Error::damaged(format!("{path} is gone")),
            _ => return Err(error),
        };
        match kind {
            Kind::Rows => self.close_damaged(world, &error, &path),
            Kind::Deletes => {
                self.note_repair("deletes", &error, "all deletes are in memory and are written anew");
                segment.distrust_deletes();
                self.commit_manifest(world, &mut self.commit.lock())?;
            }
            Kind::Index(_) | Kind::Scalar(_) => {
                self.note_repair("index", &error, "the index is dropped and built anew");
                let mut commit = self.commit.lock();
                // Not one that took its place meanwhile.
                if self.is_live(segment, file) {
                    match kind {
                        Kind::Index(field) => segment.detach_index(field),
                        Kind::Scalar(index) => segment.detach_scalar(index),
                        Kind::Rows | Kind::Deletes => {}
                    }
                    self.commit_manifest(world, &mut commit)?;
                }
            }
        }
        Ok(true)
    }

    /// The newest manifest can be written again as long as the collection is open.
    fn scrub_manifest(&self, world: &World) -> Result<u64> {
        let mut commit = self.commit.lock();
        if commit.version == 0 || self.dropped.load(Ordering::Relaxed) {
            return Ok(0);
        }
        let Err(error) = self.versions.load(commit.version) else { return Ok(0) };
        let gone = error.kind() == ErrorKind::Io
            && self.versions.versions().is_ok_and(|versions| !versions.contains(&commit.version));
        if error.kind() != ErrorKind::Damaged && !gone {
            return Err(error);
        }
        self.note_repair("manifest", &error, "it is written anew");
        self.commit_manifest(world, &mut commit).map(|()| 1)
    }

    /// Whether a file of a segment is still one that matters.
    pub(super) fn is_live(&self, segment: &Sealed, file: &FileEntry) -> bool {
        !self.dropped.load(Ordering::Relaxed)
            && self
                .sealed(segment.id())
                .is_some_and(|live| live.files().all().any(|known| known.name == file.name))
    }

    fn note_repair(&self, kind: &str, error: &Error, remedy: &str) {
        DAMAGE.with(&[kind]).add(1);
        tracing::error!(collection = self.id, %error, remedy, "found damage");
    }

    /// Closes the collection when the files of a segment turn out damaged; a job that copies rows came across it.
    pub fn close_if_damaged(&self, world: &World, segment: &Sealed) {
        if let Err(error) = segment.verify()
            && error.kind() == ErrorKind::Damaged
        {
            let files = segment.files();
            let damaged =
                files.columns.iter().map(|column| join(&files.folder(&self.dir), &column.file.name));
            // The message begins with the path.
            let path = damaged.into_iter().find(|path| error.message().starts_with(path.as_str()));
            self.close_damaged(world, &error, &path.unwrap_or_default());
        }
    }

    /// Rows of a file are damaged: nobody may read wrong ones, or copy them to new files. Remembered for the next
    /// start, which would not notice.
    fn close_damaged(&self, world: &World, error: &Error, path: &str) {
        DAMAGE.with(&["rows"]).add(1);
        let mut checked = self.checked.lock();
        if !path.is_empty() && !checked.damaged.iter().any(|known| known == path) {
            checked.damaged.push(path.to_owned());
            checked.save(self.disk.as_ref(), &self.dir);
        }
        drop(checked);
        let _changing = self.changing.lock();
        let catalog = world.catalog();
        let name = catalog.collections.get(&self.id).map_or("", |meta| meta.name.as_str());
        self.break_off_damaged(name, error.clone());
        self.forget_memory(world);
    }
}

/// The files of a segment as they are now.
fn kinds(segment: &Sealed) -> Vec<(Kind, FileEntry)> {
    let files = segment.files();
    let rows = files.columns.into_iter().map(|column| (Kind::Rows, column.file));
    let deletes = files.deletes.into_iter().map(|deletes| (Kind::Deletes, deletes.file));
    let indexes = files.indexes.into_iter().map(|index| (Kind::Index(index.field), index.file));
    let scalars = files.scalars.into_iter().map(|scalar| (Kind::Scalar(scalar.index), scalar.file));
    rows.chain([(Kind::Rows, files.keys)]).chain(deletes).chain(indexes).chain(scalars).collect()
}

fn check_file(
    world: &World,
    path: &str,
    file: &FileEntry,
    pace: &mut dyn FnMut() -> Result<()>,
) -> Result<()> {
    let mut check = BlockCheck::open(world.disk.as_ref(), path, file.bytes, &file.checksums)?;
    while check.step()? {
        BLOCKS.with(&[]).add(1);
        pace()?;
    }
    Ok(())
}

/// Whether files that were damaged when the collection was last open are so still; a folder may have been restored.
pub(super) fn check_again(
    world: &World,
    dir: &str,
    checked: &mut Checked,
    sealed: &[Arc<Sealed>],
) -> Result<()> {
    if checked.damaged.is_empty() {
        return Ok(());
    }
    for segment in sealed {
        for (_, file) in kinds(segment) {
            let path = join(&segment.files().folder(dir), &file.name);
            if checked.damaged.contains(&path) {
                check_file(world, &path, &file, &mut || Ok(()))?;
            }
        }
    }
    tracing::info!(files = ?checked.damaged, "files that were damaged are sound again, or needed no more");
    checked.damaged.clear();
    checked.save(world.disk.as_ref(), dir);
    Ok(())
}
