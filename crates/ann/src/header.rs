//! The first bytes of every index file: what it is and which column it was built on.

use crate::{Kind, VectorsView};
use elanus_kernels::{Element, Metric, Slots};
use elanus_types::{Error, Result};

/// The first eight bytes of every index file.
pub(crate) const MAGIC: [u8; 8] = *b"ELANINDX";
/// Raised with every change of the layout.
pub(crate) const VERSION: u32 = 0;
/// Bytes of the header; what follows begins at this offset.
pub(crate) const LEN: usize = 64;

/// What a file was built on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub kind: Kind,
    pub metric: Metric,
    pub element: Element,
    pub dim: u32,
    pub rows: u32,
}

impl Header {
    pub(crate) fn of(kind: Kind, metric: Metric, vectors: &VectorsView<'_>) -> Self {
        let (dim, rows) = (vectors.dim as u32, vectors.rows as u32);
        Self { kind, metric: metric.indexed(), element: vectors.element, dim, rows }
    }

    /// The header as it lies in the file, padded to [`LEN`].
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let position = |found: Option<usize>| found.map_or(u8::MAX, |at| at as u8);
        let mut out = MAGIC.to_vec();
        out.extend(VERSION.to_le_bytes());
        out.push(position(Kind::ALL.iter().position(|kind| *kind == self.kind)));
        out.push(position(Metric::ALL.iter().position(|metric| metric.name() == self.metric.name())));
        out.push(position(Element::ALL.iter().position(|element| *element == self.element)));
        out.push(self.metric.slots().map_or(0, |slots| slots.bytes() as u8));
        out.extend(self.dim.to_le_bytes());
        out.extend(self.rows.to_le_bytes());
        out.resize(LEN, 0);
        out
    }

    /// Reads the header of a file.
    pub(crate) fn read(body: &[u8]) -> Result<Self> {
        let header = body.get(..LEN).ok_or_else(|| {
            Error::damaged(format!("index file of {} bytes is shorter than its header", body.len()))
        })?;
        let (words, _) = header.as_chunks::<4>();
        let number = |word: usize| words.get(word).map_or(0, |bytes| u32::from_le_bytes(*bytes));
        if !header.starts_with(&MAGIC) {
            return Err(Error::damaged("index file does not begin with the magic of one"));
        }
        if number(2) != VERSION {
            return Err(Error::damaged(format!(
                "index file has format version {}, this program reads {VERSION}; drop the index and build it again",
                number(2)
            )));
        }
        let kind = Kind::ALL.get(usize::from(header[12])).copied();
        let metric = match Metric::ALL.get(usize::from(header[13])).copied() {
            Some(Metric::MhJaccard(_)) => Slots::new(usize::from(header[15]) * 8).map(Metric::MhJaccard),
            other => other,
        };
        let element = Element::ALL.get(usize::from(header[14])).copied();
        match (kind, metric, element) {
            (Some(kind), Some(metric), Some(element)) => {
                Ok(Self { kind, metric, element, dim: number(4), rows: number(5) })
            }
            _ => Err(Error::damaged("index file names an unknown kind, metric or element type")),
        }
    }

    /// An error that names both unless this header says what is wanted.
    pub(crate) fn expect(&self, wanted: &Header) -> Result<()> {
        match self == wanted {
            true => Ok(()),
            false => Err(Error::damaged(format!("index file was built for {self}, not for {wanted}"))),
        }
    }
}

impl std::fmt::Display for Header {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { kind, metric, element, dim, rows } = self;
        write!(f, "{kind} over {rows} {} vectors of {dim} dimensions by {metric}", element.name())
    }
}
