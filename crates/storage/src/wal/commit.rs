//! Group commit: one waiter writes and syncs for all, in the order of the queue.

use super::layout::{
    FILE_HEADER, FileHeader, MAX_PAYLOAD, RECORD_EXTRA, RECORD_HEADER, RecordHeader, file_name,
};
use super::scan::Scan;
use super::{Bytes, FileWal, LogFile, Position, Ticket, too_large};
use crate::disk::{AppendFile, Published, join};
use elanus_types::{Error, ErrorKind, Result};
use parking_lot::MutexGuard;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};

/// Records that are written together and share their fate.
#[derive(Debug, Default)]
pub(super) struct Batch(OnceLock<Result<()>>);

impl Batch {
    fn settle(&self, outcome: &Result<()>) {
        // Set once: a batch leaves the queue before it is settled.
        let _ = self.0.set(outcome.clone());
    }
}

/// What waits to be written, and where the log stands.
pub(super) struct Queue {
    pub files: Vec<LogFile>,
    /// Just after the newest durable record.
    pub durable: Position,
    /// Position of the record queued next.
    next: Position,
    records: Vec<Record>,
    batch: Arc<Batch>,
    /// Somebody is writing.
    leading: bool,
}

struct Record {
    position: Position,
    tag: u32,
    crc: u32,
    len: u32,
    parts: Vec<Bytes>,
}

/// The open end of the log; touched by the leader only.
pub(super) struct Writer {
    active: Option<Active>,
    next_number: u64,
    /// The newest file found at opening and the position from which its records may not be durable: they were
    /// read from the system's cache, which after a failed sync can be all there is of them.
    tail: Option<(Scan, Position)>,
}

struct Active {
    file: Box<dyn AppendFile>,
    /// Position of the next record in this file.
    end: Position,
}

impl Queue {
    pub fn new(files: Vec<LogFile>, end: Position) -> Self {
        let (records, batch) = Default::default();
        Self { files, durable: end, next: end, records, batch, leading: false }
    }

    /// The oldest position that can be read.
    pub fn begin(&self) -> Position {
        let oldest = self.files.iter().find(|file| !file.truncated);
        oldest.map_or(0, |file| file.resumes.min(file.end))
    }

    /// Position of the first record that is not written yet.
    fn first(&self) -> Position {
        self.records.first().map_or(self.next, |record| record.position)
    }
}

impl Writer {
    pub fn new(next_number: u64, tail: Option<(Scan, Position)>) -> Self {
        Self { active: None, next_number, tail }
    }
}

impl FileWal {
    /// Gives a record, in parts that are not copied, its place in the log. It is durable only after
    /// [`FileWal::wait`]; a ticket that nobody waits for is written with the next one that somebody does.
    pub fn enqueue(&self, parts: Vec<Bytes>) -> Result<Ticket> {
        self.enqueue_for(0, parts)
    }

    /// The same for a record whose `tag` says whom it is about, which is known even when its payload gets damaged.
    pub fn enqueue_for(&self, tag: u32, parts: Vec<Bytes>) -> Result<Ticket> {
        let len: usize = parts.iter().map(Bytes::len).sum();
        let len = u32::try_from(len).ok().filter(|_| len <= MAX_PAYLOAD).ok_or_else(|| too_large(len))?;
        let crc = parts.iter().fold(0, |crc, part| crc32c::crc32c_append(crc, part));
        let mut queue = self.queue.lock();
        let position = queue.next;
        queue.next = position + RECORD_EXTRA as u64 + u64::from(len);
        queue.records.push(Record { position, tag, crc, len, parts });
        Ok(Ticket { position, next: queue.next, batch: queue.batch.clone() })
    }

    /// Returns when the record is durable, or when it is known not to be.
    pub fn wait(&self, ticket: &Ticket) -> Result<()> {
        let mut queue = self.queue.lock();
        loop {
            if let Some(outcome) = ticket.batch.0.get() {
                return outcome.clone();
            }
            if queue.leading {
                self.wake.wait(&mut queue);
            } else {
                queue = self.lead(queue);
            }
        }
    }

    /// Drops files whose records are all before `position`.
    pub fn truncate_before(&self, position: Position) -> Result<()> {
        match self.renew(position) {
            // Taking files away needs no space, and may be what makes some.
            Err(error) if error.kind() == ErrorKind::DiskFull => {}
            outcome => outcome?,
        }
        loop {
            // The newest file stays: it knows where the log stands.
            let oldest = match self.queue.lock().files.as_mut_slice() {
                [oldest, _, ..] if oldest.truncated || oldest.end <= position => {
                    // Nobody reads it from now on, so it does not matter if removing it fails half-way.
                    oldest.truncated = true;
                    *oldest
                }
                _ => return Ok(()),
            };
            // One at a time, and durable before the next: a crash never leaves a hole.
            self.disk.remove(&join(&self.dir, &file_name(oldest.number)))?;
            self.disk.sync_dir(&self.dir)?;
            self.queue.lock().files.retain(|file| file.number != oldest.number);
        }
    }

    /// After opening: makes durable what may not be, and begins the file for new records. A full disk is no
    /// reason not to open; then this happens at the next append.
    pub(super) fn settle(&self) -> Result<()> {
        let mut writer = self.writer.lock();
        let end = self.end();
        match self.ready(&mut writer, end, end) {
            Err(error) if error.kind() == ErrorKind::DiskFull => {
                tracing::warn!(%error, "the disk is full: the log can be read but not written");
                Ok(())
            }
            outcome => outcome,
        }
    }

    /// Writes everything queued, as the only one who does.
    fn lead<'a>(&'a self, mut queue: MutexGuard<'a, Queue>) -> MutexGuard<'a, Queue> {
        queue.leading = true;
        let batch = std::mem::take(&mut queue.batch);
        let records = std::mem::take(&mut queue.records);
        let durable = queue.durable;
        drop(queue);
        let outcome = catch_unwind(AssertUnwindSafe(|| self.write(&records, durable)));
        // Those who wait must not wait for ever, whatever happened here.
        let outcome = outcome.unwrap_or_else(|_| Err(Error::internal("writing the log panicked")));
        if outcome.is_err() {
            self.abandon();
        }
        let end = records.last().map_or(durable, Record::next);
        drop(records);
        let mut queue = self.queue.lock();
        queue.leading = false;
        match &outcome {
            Ok(()) => {
                queue.durable = end;
                if let Some(file) = queue.files.last_mut() {
                    file.end = end;
                    file.bytes = FILE_HEADER as u64 + (end - file.first);
                }
            }
            Err(_) => {
                // Queued behind the failed ones, perhaps because of them: they fail too.
                queue.records.clear();
                std::mem::take(&mut queue.batch).settle(&outcome);
            }
        }
        batch.settle(&outcome);
        self.wake.notify_all();
        queue
    }

    fn write(&self, records: &[Record], durable: Position) -> Result<()> {
        let Some(first) = records.first() else { return Ok(()) };
        let mut writer = self.writer.lock();
        self.ready(&mut writer, first.position, durable)?;
        match &mut writer.active {
            Some(active) => active.write(records, durable),
            None => Err(Error::internal("the log has no open file")),
        }
    }

    /// Gives up the open file after a failed write or sync; what it holds so far stays.
    fn abandon(&self) {
        let abandoned = self.writer.lock().active.take();
        if let (Some(active), Some(file)) = (abandoned, self.queue.lock().files.last_mut()) {
            file.bytes = active.file.len();
        }
    }

    /// Makes sure that a file is open in which the record at `first` comes next.
    fn ready(&self, writer: &mut Writer, first: Position, durable: Position) -> Result<()> {
        if let Some((scan, from)) = writer.tail.take()
            && let Err(error) = self.begin_file(writer, from, from, durable, Some(&scan))
        {
            writer.tail = Some((scan, from));
            return Err(error);
        }
        match &writer.active {
            Some(active) if active.end == first && active.file.len() < self.options.file_bytes => Ok(()),
            _ => self.begin_file(writer, durable, first, first, None),
        }
    }

    /// Begins a file at `first` in which records up to `durable`, repeated from `older`, are durable already.
    fn begin_file(
        &self,
        writer: &mut Writer,
        resumes: Position,
        first: Position,
        durable: Position,
        older: Option<&Scan>,
    ) -> Result<()> {
        writer.active = None;
        let number = writer.next_number;
        let name = join(&self.dir, &file_name(number));
        let temporary = format!("{name}.tmp");
        // Even if this fails: its name may be taken then.
        writer.next_number += 1;
        let made = self.make_file(&temporary, &name, FileHeader { resumes, first, durable }, older);
        self.forget(&temporary);
        let file = made.inspect_err(|_| self.forget(&name))?;
        let mut queue = self.queue.lock();
        if older.is_some() {
            // The copy counts from now on, not the original.
            queue.files.last_mut().into_iter().for_each(|file| file.end = resumes.max(file.first));
        }
        queue.files.push(LogFile {
            number,
            resumes,
            first,
            end: durable,
            bytes: file.len(),
            truncated: false,
        });
        writer.active = Some(Active { file, end: durable });
        Ok(())
    }

    fn make_file(
        &self,
        temporary: &str,
        name: &str,
        header: FileHeader,
        older: Option<&Scan>,
    ) -> Result<Box<dyn AppendFile>> {
        let mut file = self.disk.create(temporary)?;
        file.append(&[&header.encode()])?;
        if let Some(older) = older {
            older.copy(header.first, header.durable, &mut |bytes| file.append(&[bytes]))?;
        }
        file.sync()?;
        if self.disk.publish(temporary, name)? == Published::Exists {
            return Err(Error::internal(format!("{name} exists already: does another process write here?")));
        }
        self.disk.sync_dir(&self.dir)?;
        Ok(file)
    }

    /// Tries to take away a name that is not needed. If it stays, it holds nothing that counts.
    fn forget(&self, name: &str) {
        if let Err(error) = self.disk.remove(name) {
            tracing::debug!(%error, "a needless log file stays behind");
        }
    }

    /// Begins a new file when all records of the newest are before `position`, so that it can go.
    fn renew(&self, position: Position) -> Result<()> {
        let mut queue = self.queue.lock();
        while queue.leading {
            self.wake.wait(&mut queue);
        }
        let (first, durable) = (queue.first(), queue.durable);
        let full = queue.files.last().is_some_and(|file| file.first < file.end && file.end <= position);
        if !full {
            return Ok(());
        }
        queue.leading = true;
        drop(queue);
        let outcome = self.begin_file(&mut self.writer.lock(), durable, first, first, None);
        self.queue.lock().leading = false;
        self.wake.notify_all();
        outcome
    }
}

impl Record {
    fn next(&self) -> Position {
        self.position + RECORD_EXTRA as u64 + u64::from(self.len)
    }

    fn header(&self, durable: Position) -> [u8; RECORD_HEADER] {
        let Self { position, tag, crc, len, .. } = *self;
        RecordHeader { len, crc, position, durable, tag }.encode()
    }
}

impl Active {
    fn write(&mut self, records: &[Record], durable: Position) -> Result<()> {
        let headers: Vec<_> = records.iter().map(|record| record.header(durable)).collect();
        let mut parts: Vec<&[u8]> = Vec::with_capacity(records.len() * 4);
        for (record, header) in records.iter().zip(&headers) {
            parts.push(header);
            parts.extend(record.parts.iter().map(|part| &part[..]));
            parts.push(header);
        }
        self.file.append(&parts)?;
        self.file.sync()?;
        // Read again after a crash only.
        self.file.release();
        self.end = records.last().map_or(self.end, Record::next);
        Ok(())
    }
}
