//! Byte layout of a log file: its header, and the header before each record (docs/formats/log.md).

use super::Position;
use elanus_types::{Error, Result};

/// First bytes of every log file.
pub(super) const MAGIC: [u8; 8] = *b"ELANUSLG";
/// Format written and read.
pub(super) const FORMAT: u32 = 0;
/// Bytes before the first record: two copies of the header, in different blocks of the disk, and zeros.
pub(super) const FILE_HEADER: usize = COPIES.len() * 4096;
/// Where the copies of the header begin. Without it nobody could tell which collections a file is about.
pub(super) const COPIES: [usize; 2] = [0, 4096];
/// Bytes of a copy.
const COPY: usize = 48;
/// Bytes before each payload.
pub(super) const RECORD_HEADER: usize = 32;
/// Bytes of a record beside its payload: the header, and a copy of it behind the payload.
pub(super) const RECORD_EXTRA: usize = 2 * RECORD_HEADER;
/// Largest payload; also keeps a damaged length from asking for absurd memory.
pub(super) const MAX_PAYLOAD: usize = 1 << 30;

/// No log gets this long; keeps sums of positions and lengths from overflowing.
const MAX_POSITION: Position = 1 << 62;

/// What the header of a log file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FileHeader {
    /// Older files count only up to here; whatever they hold from here on was never acknowledged.
    pub resumes: Position,
    /// Position of the first record of this file.
    pub first: Position,
    /// Records of this file before this position were durable when the file got its name.
    pub durable: Position,
}

impl FileHeader {
    pub fn encode(&self) -> [u8; FILE_HEADER] {
        let mut bytes = [0; FILE_HEADER];
        let copy = self.encode_copy();
        for at in COPIES {
            bytes[at..at + COPY].copy_from_slice(&copy);
        }
        bytes
    }

    fn encode_copy(&self) -> [u8; COPY] {
        let mut bytes = [0; COPY];
        bytes[..8].copy_from_slice(&MAGIC);
        bytes[8..12].copy_from_slice(&FORMAT.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.resumes.to_le_bytes());
        bytes[24..32].copy_from_slice(&self.first.to_le_bytes());
        bytes[32..40].copy_from_slice(&self.durable.to_le_bytes());
        let crc = crc32c::crc32c(&bytes[..40]);
        bytes[40..44].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    /// The header, or what is wrong with its first copy when none is sound; `path` is for the message.
    pub fn decode(bytes: &[u8; FILE_HEADER], path: &str) -> Result<Self> {
        let copies =
            COPIES.map(|at| bytes[at..at + COPY].first_chunk().map(|copy| Self::decode_copy(copy, path)));
        match copies {
            [Some(Err(error)), Some(Ok(header))] => {
                tracing::warn!(%error, "the second copy of the header is sound");
                Ok(header)
            }
            [Some(first), _] => first,
            [None, _] => Err(Error::internal("no room for a header")),
        }
    }

    fn decode_copy(bytes: &[u8; COPY], path: &str) -> Result<Self> {
        if bytes[..8] != MAGIC {
            return Err(Error::damaged(format!("{path} does not begin like a log file")));
        }
        let format = u32_at(bytes, 8);
        if format != FORMAT {
            let message = format!("{path} has log format {format}, this build reads format {FORMAT}");
            return Err(Error::damaged(message));
        }
        if u32_at(bytes, 40) != crc32c::crc32c(&bytes[..40]) {
            return Err(Error::damaged(format!("{path} has a damaged header")));
        }
        let header =
            Self { resumes: u64_at(bytes, 16), first: u64_at(bytes, 24), durable: u64_at(bytes, 32) };
        let ordered = header.resumes <= header.first && header.first <= header.durable;
        match ordered && header.durable < MAX_POSITION {
            true => Ok(header),
            false => Err(Error::damaged(format!("{path} has an impossible header: {header:?}"))),
        }
    }
}

/// What stands before each payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RecordHeader {
    /// Bytes of payload.
    pub len: u32,
    /// Checksum of the payload.
    pub crc: u32,
    /// Where the record is in the log; ties the header to its place.
    pub position: Position,
    /// Everything before this position was durable when the record was written. Tells a torn end, where the
    /// disk lost what nobody was promised, from damage.
    pub durable: Position,
    /// Whom the record is about, as the writer of the log said; 0 = nobody in particular.
    pub tag: u32,
}

impl RecordHeader {
    pub fn encode(&self) -> [u8; RECORD_HEADER] {
        let mut bytes = [0; RECORD_HEADER];
        bytes[..4].copy_from_slice(&self.len.to_le_bytes());
        bytes[4..8].copy_from_slice(&self.crc.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.position.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.durable.to_le_bytes());
        bytes[24..28].copy_from_slice(&self.tag.to_le_bytes());
        let crc = crc32c::crc32c(&bytes[..28]);
        bytes[28..].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    /// The header that belongs at `position`, or `None` when these bytes are not it.
    pub fn decode(bytes: &[u8; RECORD_HEADER], position: Position) -> Option<Self> {
        // The cheap comparison first: a search for records tries every offset.
        if u64_at(bytes, 8) != position || u32_at(bytes, 28) != crc32c::crc32c(&bytes[..28]) {
            return None;
        }
        let (len, crc, durable) = (u32_at(bytes, 0), u32_at(bytes, 4), u64_at(bytes, 16));
        let header = Self { len, crc, position, durable, tag: u32_at(bytes, 24) };
        (header.len as usize <= MAX_PAYLOAD && header.durable <= position).then_some(header)
    }

    /// Position of the record after this one.
    pub fn next(&self) -> Position {
        self.position.saturating_add(RECORD_EXTRA as u64 + u64::from(self.len))
    }
}

/// Name of the log file with this number.
pub(super) fn file_name(number: u64) -> String {
    format!("{number:020}.log")
}

/// The number in a log file's name.
pub(super) fn file_number(name: &str) -> Option<u64> {
    name.strip_suffix(".log").filter(|digits| digits.len() == 20).and_then(|digits| digits.parse().ok())
}

fn u32_at<const N: usize>(bytes: &[u8; N], at: usize) -> u32 {
    let mut number = [0; 4];
    number.copy_from_slice(&bytes[at..at + 4]);
    u32::from_le_bytes(number)
}

fn u64_at<const N: usize>(bytes: &[u8; N], at: usize) -> u64 {
    let mut number = [0; 8];
    number.copy_from_slice(&bytes[at..at + 8]);
    u64::from_le_bytes(number)
}
