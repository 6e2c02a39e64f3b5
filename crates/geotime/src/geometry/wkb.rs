//! Well-known binary, little endian, with the kinds of ISO 13249 for Z and M.
//!
//! Bytes come from files, so that the reader believes nothing: counts are compared with what is left, depth is
//! bounded, and what is no sound shape is refused.

use super::shape::{Axes, DEEPEST, Kind, Parts, Shape, line_flaw, ring_flaw};

const LITTLE_ENDIAN: u8 = 1;

/// Writes a shape.
pub(super) fn write(shape: &Shape) -> Vec<u8> {
    let mut out = Vec::new();
    append(&mut out, shape);
    out
}

fn append(out: &mut Vec<u8>, shape: &Shape) {
    out.push(LITTLE_ENDIAN);
    let thousands = Axes::ALL.iter().position(|axes| *axes == shape.axes).unwrap_or(0) as u32;
    out.extend_from_slice(&(shape.kind as u32 + 1_000 * thousands).to_le_bytes());
    let width = shape.axes.count();
    match &shape.parts {
        // A point always has a position; where there is none its numbers are none.
        Parts::Line(line) if shape.kind == Kind::Point && line.is_empty() => {
            ordinates(out, &vec![f64::NAN; width]);
        }
        Parts::Line(line) if shape.kind == Kind::Point => ordinates(out, line),
        Parts::Line(line) => counted(out, line, width),
        Parts::Rings(rings) => {
            count(out, rings.len());
            rings.iter().for_each(|ring| counted(out, ring, width));
        }
        Parts::Members(members) => {
            count(out, members.len());
            members.iter().for_each(|member| append(out, member));
        }
    }
}

fn count(out: &mut Vec<u8>, count: usize) {
    // A message has far fewer bytes than there are numbers here.
    out.extend_from_slice(&(count as u32).to_le_bytes());
}

fn counted(out: &mut Vec<u8>, line: &[f64], width: usize) {
    count(out, line.len() / width);
    ordinates(out, line);
}

fn ordinates(out: &mut Vec<u8>, line: &[f64]) {
    line.iter().for_each(|ordinate| out.extend_from_slice(&ordinate.to_le_bytes()));
}

/// Reads one shape and nothing after it.
pub(super) fn read(bytes: &[u8]) -> Option<Shape> {
    let mut reader = Reader(bytes);
    let shape = reader.shape(DEEPEST, None)?;
    reader.0.is_empty().then_some(shape)
}

/// The position of a point; `None` for any other shape and for no position.
pub(super) fn point(bytes: &[u8]) -> Option<(f64, f64)> {
    let mut reader = Reader(bytes);
    let (kind, axes) = reader.header()?;
    let line = reader.ordinates(axes.count()).filter(|_| kind == Kind::Point)?;
    match line.as_slice() {
        [x, y, ..] if reader.0.is_empty() && x.is_finite() && y.is_finite() => Some((*x, *y)),
        _ => None,
    }
}

struct Reader<'b>(&'b [u8]);

impl Reader<'_> {
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, tail) = self.0.split_first_chunk::<N>()?;
        self.0 = tail;
        Some(*head)
    }

    fn header(&mut self) -> Option<(Kind, Axes)> {
        let [order] = self.array::<1>()?;
        let number = u32::from_le_bytes(self.array()?);
        let kind = Kind::ALL.into_iter().find(|kind| *kind as u32 == number % 1_000)?;
        let axes = *Axes::ALL.get((number / 1_000) as usize)?;
        (order == LITTLE_ENDIAN).then_some((kind, axes))
    }

    /// A count of things of at least `size` bytes each, which must be there.
    fn count(&mut self, size: usize) -> Option<usize> {
        let count = u32::from_le_bytes(self.array()?) as usize;
        count.checked_mul(size).is_some_and(|bytes| bytes <= self.0.len()).then_some(count)
    }

    fn ordinates(&mut self, count: usize) -> Option<Vec<f64>> {
        let (head, tail) = self.0.split_at_checked(count.checked_mul(8)?)?;
        self.0 = tail;
        Some(head.as_chunks::<8>().0.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect())
    }

    fn line(&mut self, axes: Axes) -> Option<Vec<f64>> {
        let width = axes.count();
        let count = self.count(width * 8)?;
        self.ordinates(count * width).filter(|line| line.iter().all(|ordinate| ordinate.is_finite()))
    }

    /// A shape that is a `member` of the kind and axes its whole has.
    fn shape(&mut self, depth: usize, member: Option<(Option<Kind>, Axes)>) -> Option<Shape> {
        let (kind, axes) = self.header()?;
        if let Some((of, whole)) = member {
            (of.is_none_or(|of| of == kind) && whole == axes).then_some(())?;
        }
        let parts = match kind {
            Kind::Point => {
                let line = self.ordinates(axes.count())?;
                match line.iter().all(|ordinate| ordinate.is_finite()) {
                    true => Parts::Line(line),
                    false if line.iter().all(|ordinate| ordinate.is_nan()) => Parts::Line(Vec::new()),
                    false => return None,
                }
            }
            Kind::LineString => Parts::Line(self.line(axes).filter(|line| line_flaw(line, axes).is_none())?),
            Kind::Polygon => {
                let ring =
                    |reader: &mut Self| reader.line(axes).filter(|ring| ring_flaw(ring, axes).is_none());
                let count = self.count(4)?;
                Parts::Rings((0..count).map(|_| ring(self)).collect::<Option<_>>()?)
            }
            _ => {
                let depth = depth.checked_sub(1)?;
                let count = self.count(5)?;
                let member = Some((kind.member(), axes));
                Parts::Members((0..count).map(|_| self.shape(depth, member)).collect::<Option<_>>()?)
            }
        };
        Some(Shape { kind, axes, parts })
    }
}
