//! Reading records out of one log file.

use super::layout::{FILE_HEADER, FileHeader, RECORD_EXTRA, RECORD_HEADER, RecordHeader};
use super::{Hole, LogFile, Position};
use crate::disk::{Disk, ReadFile, join};
use elanus_types::{Error, Result};
use std::sync::Arc;

/// Bytes read at once.
const WINDOW: u64 = 1 << 20;

/// One log file with a window of its bytes in memory.
pub(super) struct Scan {
    file: Arc<dyn ReadFile>,
    path: String,
    header: FileHeader,
    window: Vec<u8>,
    window_start: u64,
}

/// What is at a position.
enum Found<'a> {
    /// A whole record.
    Record(RecordHeader, &'a [u8]),
    /// A record whose header is sound and whose payload is not.
    Damaged(RecordHeader),
    /// The file ends exactly here.
    End,
    /// Bytes that are no record.
    Torn,
}

impl Scan {
    /// Opens a file and checks its header.
    pub fn open(disk: &dyn Disk, dir: &str, name: &str) -> Result<Self> {
        let path = join(dir, name);
        let file = disk.open(&path)?;
        if file.len() < FILE_HEADER as u64 {
            return Err(Error::damaged(format!(
                "{path} is cut off: {} bytes, not even its header",
                file.len()
            )));
        }
        let mut bytes = [0; FILE_HEADER];
        bytes.copy_from_slice(&file.read_at(0, FILE_HEADER)?);
        let header = FileHeader::decode(&bytes, &path)?;
        Ok(Self { file, path, header, window: Vec::new(), window_start: 0 })
    }

    pub fn header(&self) -> &FileHeader {
        &self.header
    }

    pub fn path(&self) -> &str {
        &self.path
    }

    /// Length of the file in bytes.
    pub fn len(&self) -> u64 {
        self.file.len()
    }

    /// Visits the records from `from` up to `until`, where the log is known to reach, and the holes between them.
    pub fn visit(
        &mut self,
        from: Position,
        until: Position,
        visitor: &mut dyn FnMut(Position, &[u8]) -> Result<()>,
        hole: &mut dyn FnMut(Hole) -> Result<()>,
    ) -> Result<()> {
        let mut position = from;
        while position < until {
            match self.at(position)? {
                Found::Record(header, payload) if header.next() <= until => {
                    visitor(position, payload)?;
                    position = header.next();
                }
                Found::Damaged(header) if header.next() <= until => {
                    hole(Hole { position, tag: header.tag, error: self.damage(position) })?;
                    position = header.next();
                }
                Found::Record(..) | Found::Damaged(_) | Found::End | Found::Torn => {
                    return Err(self.damage(position));
                }
            }
        }
        Ok(())
    }

    /// Where the newest file of the log ends, and up to where its records are known to be durable.
    ///
    /// Bytes after the end that are no records are what a crash left behind, unless a later record says that
    /// they were durable once: then the file is damaged. With `around` damage to a payload alone is left to whoever
    /// reads the records.
    pub fn find_end(&mut self, around: bool) -> Result<(Position, Position)> {
        let (mut end, mut durable) = (self.header.first, self.header.durable);
        loop {
            let (header, sound) = match self.at(end)? {
                Found::Record(header, _) => (header, true),
                Found::Damaged(header) => (header, false),
                Found::End | Found::Torn => break,
            };
            let counts = sound || around && self.durable_after(end)?;
            if !counts {
                break;
            }
            durable = durable.max(header.durable);
            end = header.next();
        }
        let torn = self.offset(end) < self.len();
        if durable > end || torn && self.durable_after(end)? {
            return Err(self.damage(end));
        }
        Ok((end, durable))
    }

    /// Copies the bytes of records `from..until`, unchecked, in pieces.
    pub fn copy(
        &self,
        from: Position,
        until: Position,
        out: &mut dyn FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        let mut position = from;
        while position < until {
            let piece = WINDOW.min(until - position);
            out(&self.file.read_at(self.offset(position), piece as usize)?)?;
            position += piece;
        }
        Ok(())
    }

    fn at(&mut self, position: Position) -> Result<Found<'_>> {
        let offset = self.offset(position);
        if offset == self.len() {
            return Ok(Found::End);
        }
        let header = self.header_at(offset)?.and_then(|bytes| RecordHeader::decode(&bytes, position));
        let header = match header {
            Some(header) => header,
            None => match self.copy_of_header(position)? {
                Some(header) => header,
                None => return Ok(Found::Torn),
            },
        };
        if self.len() - offset < RECORD_EXTRA as u64 + u64::from(header.len) {
            return Ok(Found::Torn);
        }
        let payload = self.bytes(offset + RECORD_HEADER as u64, u64::from(header.len))?;
        Ok(match payload {
            Some(payload) if crc32c::crc32c(payload) == header.crc => Found::Record(header, payload),
            Some(_) => Found::Damaged(header),
            None => Found::Torn,
        })
    }

    /// The copy behind the payload of the record at `position`, whose header is not readable: just before the next
    /// record, or at the end of the file.
    fn copy_of_header(&mut self, position: Position) -> Result<Option<RecordHeader>> {
        let mut offset = self.offset(position) + RECORD_EXTRA as u64;
        loop {
            let next = self.header.first.saturating_add(offset - FILE_HEADER as u64);
            let at_end = offset == self.len();
            let begins = match self.header_at(offset)? {
                Some(bytes) => RecordHeader::decode(&bytes, next).is_some(),
                None => false,
            };
            if begins || at_end {
                let copy = self.header_at(offset - RECORD_HEADER as u64)?;
                let copy = copy.and_then(|bytes| RecordHeader::decode(&bytes, position));
                return Ok(copy.filter(|header| header.next() == next));
            }
            if offset > self.len() {
                return Ok(None);
            }
            offset += 1;
        }
    }

    /// Whether a record after `end` proves that `end` was durable when it was written.
    fn durable_after(&mut self, end: Position) -> Result<bool> {
        let mut offset = self.offset(end) + 1;
        while let Some(bytes) = self.header_at(offset)? {
            let position = self.header.first.saturating_add(offset - FILE_HEADER as u64);
            if RecordHeader::decode(&bytes, position).is_some_and(|header| header.durable > end) {
                return Ok(true);
            }
            offset += 1;
        }
        Ok(false)
    }

    fn header_at(&mut self, offset: u64) -> Result<Option<[u8; RECORD_HEADER]>> {
        let bytes = self.bytes(offset, RECORD_HEADER as u64)?;
        Ok(bytes.and_then(|bytes| bytes.try_into().ok()))
    }

    /// Bytes of the file, `None` beyond its end.
    fn bytes(&mut self, offset: u64, len: u64) -> Result<Option<&[u8]>> {
        let Some(end) = offset.checked_add(len).filter(|end| *end <= self.len()) else { return Ok(None) };
        let window_end = self.window_start + self.window.len() as u64;
        if offset < self.window_start || end > window_end {
            let wanted = len.max(WINDOW).min(self.len() - offset);
            self.window = self.file.read_at(offset, wanted as usize)?;
            self.window_start = offset;
        }
        let start = (offset - self.window_start) as usize;
        Ok(self.window.get(start..start + len as usize))
    }

    fn offset(&self, position: Position) -> u64 {
        (position - self.header.first).saturating_add(FILE_HEADER as u64)
    }

    fn damage(&self, position: Position) -> Error {
        let (path, offset) = (&self.path, self.offset(position));
        Error::damaged(format!("{path} is damaged at byte {offset} (log position {position})"))
    }
}

/// Puts the files found in order and works out up to where each of them counts: a newer file says where the
/// log resumed, so what older ones hold from there on is void.
pub(super) fn chain(scans: &mut [(u64, Scan)], around: bool) -> Result<(Vec<LogFile>, Position)> {
    let Some(((number, newest), older)) = scans.split_last_mut() else { return Ok((Vec::new(), 0)) };
    let (end, durable) = newest.find_end(around)?;
    let mut files = vec![LogFile::new(*number, newest, end)];
    let mut bound = newest.header().resumes;
    for (number, scan) in older.iter().rev() {
        let FileHeader { first, resumes, .. } = *scan.header();
        let holds = first.saturating_add(scan.len() - FILE_HEADER as u64);
        if first < bound && holds < bound {
            let path = scan.path();
            return Err(Error::damaged(format!(
                "the log is damaged: {path} ends at position {holds}, records up to {bound} are missing"
            )));
        }
        files.push(LogFile::new(*number, scan, bound.max(first)));
        bound = bound.min(resumes);
    }
    files.reverse();
    Ok((files, durable))
}
