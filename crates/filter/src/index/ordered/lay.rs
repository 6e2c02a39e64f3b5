//! Laying out an index from pairs of value and row.

use super::Class;
use crate::index::sections::Writer;
use crate::index::spec::IndexSpec;
use elanus_kernels::Bitmap;
use std::cmp::Ordering;

/// Bitmaps of the order's prefixes.
const CHECKPOINTS: usize = 16;
/// Orders of fewer entries have no checkpoints.
const LEAST_ENTRIES: usize = 4096;
/// A value of more than one in this many rows gets a bitmap: it takes no more than their list.
const FREQUENT_SHARE: usize = 32;

/// A value that can be ordered.
pub(in crate::index) trait Key: Copy {
    const CLASS: Class;
    fn order(&self, other: &Self) -> Ordering;
    /// Appends a value to the keys' section and, for texts, its end to the other.
    fn put(&self, keys: &mut Vec<u8>, ends: &mut Vec<i32>);
}

impl Key for i64 {
    const CLASS: Class = Class::Whole;
    fn order(&self, other: &Self) -> Ordering {
        self.cmp(other)
    }
    fn put(&self, keys: &mut Vec<u8>, _: &mut Vec<i32>) {
        keys.extend_from_slice(&self.to_le_bytes());
    }
}

impl Key for f32 {
    const CLASS: Class = Class::Single;
    fn order(&self, other: &Self) -> Ordering {
        self.total_cmp(other)
    }
    fn put(&self, keys: &mut Vec<u8>, _: &mut Vec<i32>) {
        keys.extend_from_slice(&self.to_le_bytes());
    }
}

impl Key for f64 {
    const CLASS: Class = Class::Double;
    fn order(&self, other: &Self) -> Ordering {
        self.total_cmp(other)
    }
    fn put(&self, keys: &mut Vec<u8>, _: &mut Vec<i32>) {
        keys.extend_from_slice(&self.to_le_bytes());
    }
}

impl Key for &[u8] {
    const CLASS: Class = Class::Text;
    fn order(&self, other: &Self) -> Ordering {
        self.cmp(other)
    }
    fn put(&self, keys: &mut Vec<u8>, ends: &mut Vec<i32>) {
        keys.extend_from_slice(self);
        ends.push(keys.len() as i32);
    }
}

/// What is known of the rows besides their values.
pub(in crate::index) struct Facts {
    /// Rows of the segment.
    pub(in crate::index) rows: usize,
    /// Rows can have several values.
    pub(in crate::index) lists: bool,
    /// Values that are NaN were left out.
    pub(in crate::index) has_nan: bool,
    /// For places in JSON: rows whose value is of the index's class, and rows with anything there.
    pub(in crate::index) places: Option<(Bitmap, Bitmap)>,
}

/// The body of an index over `entries`: no NaN, no negative zero, a row at most once per value.
pub(in crate::index) fn lay<K: Key>(spec: &IndexSpec, mut entries: Vec<(K, u32)>, facts: &Facts) -> Vec<u8> {
    entries.sort_unstable_by(|a, b| a.0.order(&b.0).then(a.1.cmp(&b.1)));
    let (mut keys, mut ends, mut starts) = (Vec::new(), vec![0_i32], Vec::new());
    let mut last: Option<K> = None;
    for (at, (key, _)) in entries.iter().enumerate() {
        if last.is_none_or(|last| last.order(key).is_ne()) {
            key.put(&mut keys, &mut ends);
            starts.push(at as u32);
            last = Some(*key);
        }
    }
    starts.push(entries.len() as u32);
    let rows: Vec<u32> = entries.iter().map(|(_, row)| *row).collect();
    drop(entries);
    let step = match facts.lists || rows.len() < LEAST_ENTRIES {
        true => 0,
        false => rows.len() / CHECKPOINTS,
    };
    let (frequent, maps) = frequent(&starts, &rows, facts.rows);
    let mut writer = Writer::new(super::super::ORDERED);
    writer.number(K::CLASS as usize);
    writer.number(facts.rows);
    writer.number(starts.len() - 1);
    writer.number(step);
    writer.number(usize::from(facts.lists));
    writer.number(usize::from(facts.has_nan));
    writer.section(&spec.write());
    writer.section(&keys);
    writer.section(if K::CLASS == Class::Text { &ends } else { &[] });
    writer.section(&starts);
    writer.section(&rows);
    writer.section(&checkpoints(&rows, step, facts.rows));
    writer.section(&frequent);
    writer.section(&maps);
    if let Some((known, present)) = &facts.places {
        writer.section(known.words());
        writer.section(present.words());
    }
    writer.finish()
}

fn checkpoints(rows: &[u32], step: usize, segment: usize) -> Vec<u64> {
    let (mut map, mut words) = (Bitmap::zeros(segment), Vec::new());
    if step > 0 {
        for part in rows.chunks_exact(step) {
            part.iter().for_each(|row| map.set(*row as usize));
            words.extend_from_slice(map.words());
        }
    }
    words
}

fn frequent(starts: &[u32], rows: &[u32], segment: usize) -> (Vec<u32>, Vec<u64>) {
    let (mut numbers, mut words) = (Vec::new(), Vec::new());
    for (number, ends) in starts.windows(2).enumerate() {
        let &[start, end] = ends else { continue };
        let list = rows.get(start as usize..end as usize).unwrap_or(&[]);
        if list.len() > segment / FREQUENT_SHARE {
            let mut map = Bitmap::zeros(segment);
            list.iter().for_each(|row| map.set(*row as usize));
            numbers.push(number as u32);
            words.extend_from_slice(map.words());
        }
    }
    (numbers, words)
}
