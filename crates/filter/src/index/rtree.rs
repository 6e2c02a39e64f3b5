//! Boxes around shapes in a tree of boxes: for questions about where shapes lie.
//!
//! Packed bottom-up, sixteen boxes a node, by the «sort-tile-recursive» order (Leutenegger, Lopez, Edgington, «STR: a simple
//! and efficient algorithm for R-tree packing», 1997). Rows whose box allows the relation are left open: the shapes decide.

use super::sections::{Body, Sections, Writer};
use super::spec::IndexSpec;
use super::{Answer, Estimate, FieldIndex, Question, RTREE};
use crate::plan::{Access, ShapeTest, Test};
use elanus_geotime::geometry::Bounds;
use elanus_kernels::Bitmap;
use elanus_types::{ColumnRef, ColumnView, Result};

/// Boxes of a node.
const FANOUT: usize = 16;
const SPEC: usize = 0;
const ROWS: usize = 1;
/// Smallest x, smallest y, largest x, largest y of every box; those of rows first, then level by level.
const BOXES: usize = 2;
/// Nanoseconds to look at a box.
const LOOK: u64 = 5;

/// The index of a column of shapes; `None` for any other column.
pub(super) fn build(spec: &IndexSpec, column: &ColumnView<'_>) -> Option<Vec<u8>> {
    let ColumnRef::Bytes { .. } = &column.data else { return None };
    let mut entries: Vec<(Bounds, u32)> = (0..column.len())
        .filter(|row| column.is_valid(*row))
        .filter_map(|row| Some((Bounds::of(column.data.bytes(row)?)?, row as u32)))
        .collect();
    tile(&mut entries);
    let mut boxes: Vec<Bounds> = entries.iter().map(|(bounds, _)| *bounds).collect();
    let mut level = 0..boxes.len();
    while level.len() > 1 {
        let above: Vec<Bounds> = boxes[level.clone()]
            .chunks(FANOUT)
            .filter_map(|node| node.iter().copied().reduce(|a, b| a.joined(&b)))
            .collect();
        level = boxes.len()..boxes.len() + above.len();
        boxes.extend(above);
    }
    let numbers: Vec<f64> = boxes
        .iter()
        .flat_map(|bounds| [bounds.min[0], bounds.min[1], bounds.max[0], bounds.max[1]])
        .collect();
    let rows: Vec<u32> = entries.iter().map(|(_, row)| *row).collect();
    let mut writer = Writer::new(RTREE);
    writer.number(column.len());
    writer.section(&spec.write());
    writer.section(&rows);
    writer.section(&numbers);
    Some(writer.finish())
}

/// Puts boxes that lie near each other next to each other: slices by x, and in each by y.
fn tile(entries: &mut [(Bounds, u32)]) {
    let middle = |bounds: &Bounds, axis: usize| bounds.min[axis] / 2.0 + bounds.max[axis] / 2.0;
    let by = |axis: usize| {
        move |a: &(Bounds, u32), b: &(Bounds, u32)| {
            middle(&a.0, axis).total_cmp(&middle(&b.0, axis)).then(a.1.cmp(&b.1))
        }
    };
    entries.sort_unstable_by(by(0));
    let nodes = entries.len().div_ceil(FANOUT);
    let slices = (nodes as f64).sqrt().ceil().max(1.0) as usize;
    let slice = nodes.div_ceil(slices).max(1) * FANOUT;
    entries.chunks_mut(slice).for_each(|slice| slice.sort_unstable_by(by(1)));
}

/// An open index.
pub(super) struct RTree {
    spec: IndexSpec,
    sections: Sections,
    rows: usize,
    /// Where each level's boxes begin, and where the last ends.
    levels: Vec<usize>,
    /// All boxes lie within the degrees of the earth.
    geographic: bool,
}

impl RTree {
    /// Opens what [`build`] made.
    pub(super) fn open(body: Body, rows: usize) -> Result<Self> {
        let sections = Sections::open(body)?;
        let spec = IndexSpec::read(sections.values(SPEC))?;
        sections.expect_rows(1, rows)?;
        let mut levels = vec![0];
        let (mut size, mut total) = (sections.values::<u32>(ROWS).len(), 0);
        while size > 0 {
            total += size;
            levels.push(total);
            size = if size > 1 { size.div_ceil(FANOUT) } else { 0 };
        }
        sections.expect::<f64>(BOXES, total * 4)?;
        let mut index = Self { spec, sections, rows, levels, geographic: false };
        let earth = Bounds { min: [-180.0, -90.0], max: [180.0, 90.0] };
        index.geographic = total == 0 || index.bounds(total - 1).is_some_and(|all| earth.covers(&all));
        Ok(index)
    }

    fn bounds(&self, at: usize) -> Option<Bounds> {
        let boxes: &[f64] = self.sections.values(BOXES);
        let &[a, b, c, d] = boxes.get(at * 4..at * 4 + 4)? else { return None };
        Some(Bounds { min: [a, b], max: [c, d] })
    }

    /// The box that shapes with the property must meet, and what their own boxes must be like.
    fn sought<'q>(&self, question: &Question<'q>) -> Option<(Bounds, &'q ShapeTest)> {
        match (&question.operand.access, question.test?) {
            (Access::Scalar(_), Test::Shape(asked)) => match &**asked {
                ShapeTest::Related(probe) => Some((*probe.bounds()?, asked)),
                ShapeTest::Near(near) if self.geographic => Some((near.bounds()?, asked)),
                ShapeTest::Near(_) | ShapeTest::Valid => None,
            },
            _ => None,
        }
    }

    /// Calls `visit` with every row whose box allows what is asked; the number of boxes looked at.
    fn candidates(&self, sought: &Bounds, asked: &ShapeTest, mut visit: impl FnMut(u32)) -> usize {
        let rows: &[u32] = self.sections.values(ROWS);
        let mut looked = 0;
        let top = self.levels.len().saturating_sub(2);
        let mut waiting = if rows.is_empty() { Vec::new() } else { vec![(top, 0)] };
        while let Some((level, place)) = waiting.pop() {
            looked += 1;
            let start = self.levels.get(level).copied().unwrap_or(0);
            let Some(bounds) = self.bounds(start + place).filter(|bounds| bounds.meets(sought)) else {
                continue;
            };
            if level > 0 {
                let below = self
                    .levels
                    .get(level)
                    .zip(self.levels.get(level - 1))
                    .map_or(0, |(end, start)| end - start);
                let children = place * FANOUT..((place + 1) * FANOUT).min(below);
                waiting.extend(children.map(|child| (level - 1, child)));
                continue;
            }
            let possible = match asked {
                ShapeTest::Related(probe) => probe.relation().possible(&bounds, sought),
                ShapeTest::Near(_) | ShapeTest::Valid => true,
            };
            if let Some(row) = rows.get(place).filter(|row| possible && (**row as usize) < self.rows) {
                visit(*row);
            }
        }
        looked
    }
}

impl FieldIndex for RTree {
    fn name(&self) -> &'static str {
        self.spec.kind.name()
    }

    fn estimate(&self, question: &Question<'_>) -> Option<Estimate> {
        let (sought, asked) = self.sought(question)?;
        let mut open = 0;
        let looked = self.candidates(&sought, asked, |_| open += 1);
        let nanos = looked as u64 * LOOK + (self.rows / 64) as u64;
        Some(Estimate { rows: open, guessed: false, open, nanos })
    }

    fn evaluate(&self, question: &Question<'_>) -> Option<Answer> {
        let (sought, asked) = self.sought(question)?;
        let mut open = Bitmap::zeros(self.rows);
        self.candidates(&sought, asked, |row| open.set(row as usize));
        Some(Answer { yes: Bitmap::zeros(self.rows), unknown: None, open: Some(open) })
    }

    fn distinct(&self) -> usize {
        self.sections.values::<u32>(ROWS).len()
    }

    fn bytes(&self) -> usize {
        self.sections.bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ColumnSource;
    use crate::tests::indexed::{Indexed, body};
    use crate::tests::{Rows, column};
    use elanus_types::catalog::Properties;
    use elanus_types::input::FilterText;
    use elanus_types::{CollectionSchema, DataType, FieldSchema, Value};
    use std::sync::Arc;

    #[test]
    fn candidates_hold_every_row_that_passes() {
        let mut random = fastrand::Rng::with_seed(6);
        let field = FieldSchema { nullable: true, ..FieldSchema::new(100, "g", DataType::Geometry) };
        let schema = CollectionSchema { fields: vec![field.clone()], ..CollectionSchema::default() };
        for round in 0..60 {
            let wide = if round % 2 == 0 { (170, 80) } else { (400, 400) };
            let shape = |random: &mut fastrand::Rng| {
                let (x, y) = (random.i32(-wide.0..wide.0), random.i32(-wide.1..wide.1));
                let (w, h) = (random.i32(1..9), random.i32(1..9));
                let text = match random.u8(0..5) {
                    0 => format!("POLYGON (({x} {y}, {} {y}, {} {}, {x} {y}))", x + w, x + w, y + h),
                    1 => format!("LINESTRING ({x} {y}, {} {})", x + w, y - h),
                    2 => "POINT EMPTY".to_owned(),
                    _ => format!("POINT ({x} {y})"),
                };
                Value::Bytes(elanus_geotime::geometry::from_wkt(&text).expect("sound"))
            };
            let count = [0, 1, 16, 17, 900][random.usize(0..5)];
            let values: Vec<Value> = (0..count)
                .map(|_| if random.u8(0..9) == 0 { Value::Null } else { shape(&mut random) })
                .collect();
            let rows = Rows { rows: count, columns: vec![(100, column(&field, &values))] };
            let spec = IndexSpec::from_params(&field, "RTREE", &Properties::new()).expect("sound");
            let bytes = build(&spec, &rows.column(100).expect("there")).expect("shapes");
            let index: Arc<dyn FieldIndex> = Arc::new(RTree::open(body(&bytes), count).expect("opens"));
            assert!(RTree::open(body(&bytes), count + 1).is_err());
            let indexed = Indexed { rows: &rows, indexes: vec![(100, index)] };
            for _ in 0..20 {
                let (x, y) = (random.i32(-wide.0..wide.0), random.i32(-wide.1.min(80)..wide.1.min(80)));
                let side = random.i32(1..60);
                let square = format!(
                    "POLYGON (({x} {y}, {} {y}, {} {}, {x} {}, {x} {y}))",
                    x + side,
                    x + side,
                    y + side,
                    y + side
                );
                let text = match random.u8(0..5) {
                    0 => format!("st_within(g, '{square}')"),
                    1 => format!("not st_intersects(g, '{square}')"),
                    2 => format!("st_touches(g, '{square}')"),
                    3 => format!("st_equals(g, 'POINT ({x} {y})')"),
                    _ => format!("st_dwithin(g, 'POINT ({x} {y})', {})", random.u32(1..3_000_000)),
                };
                let predicate = crate::compile(&FilterText::new(text.as_str()), &schema).expect("binds");
                let predicate = predicate.expect("not blank");
                assert_eq!(predicate.evaluate(&indexed), predicate.evaluate(&rows), "{text}");
                assert_eq!(predicate.unknown(&indexed), predicate.unknown(&rows), "{text}");
                if count == 900 && text.starts_with("st_equals") {
                    assert_eq!(predicate.explain(&indexed, &schema).1[0].method, "RTREE", "{text}");
                }
            }
        }
    }
}
