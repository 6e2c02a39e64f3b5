//! Rows of values and of ranges of values, as bitmaps.

use super::{CHECKPOINTS, FREQUENT, FREQUENT_MAPS, Ordered, ROWS, STARTS};
use elanus_kernels::Bitmap;
use std::ops::Range;

impl Ordered {
    /// The entries of a range of values.
    pub(super) fn entries(&self, keys: Range<usize>) -> Range<usize> {
        let starts: &[u32] = self.sections.values(STARTS);
        let at = |key: usize| starts.get(key).map_or(0, |start| *start as usize);
        if keys.is_empty() { 0..0 } else { at(keys.start)..at(keys.end) }
    }

    /// Adds the rows of one value.
    pub(super) fn add_key(&self, key: usize, out: &mut Bitmap) {
        let frequent: &[u32] = self.sections.values(FREQUENT);
        if let Ok(number) = frequent.binary_search(&(key as u32)) {
            return self.combine(FREQUENT_MAPS, number, out, |word, map| *word |= map);
        }
        self.set(self.entries(key..key + 1), out);
    }

    /// The rows of a range of values, which no row has two of.
    pub(super) fn rows_of(&self, keys: Range<usize>) -> Bitmap {
        let entries = self.entries(keys);
        let mut out = Bitmap::zeros(self.rows);
        if self.step == 0 || entries.len() < self.step {
            self.set(entries, &mut out);
            return out;
        }
        self.toggle_up_to(entries.end, &mut out);
        self.toggle_up_to(entries.start, &mut out);
        out
    }

    /// Inverts the bits of the first `end` rows of the order, by way of the nearest checkpoint.
    fn toggle_up_to(&self, end: usize, out: &mut Bitmap) {
        let checkpoints = self.sections.values::<u32>(ROWS).len() / self.step;
        let nearest = ((end + self.step / 2) / self.step).min(checkpoints);
        if nearest > 0 {
            self.combine(CHECKPOINTS, nearest - 1, out, |word, map| *word ^= map);
        }
        let there = nearest * self.step;
        let rows: &[u32] = self.sections.values(ROWS);
        let between = rows.get(there.min(end)..there.max(end)).unwrap_or(&[]);
        between.iter().for_each(|row| out.toggle(*row as usize));
    }

    fn set(&self, entries: Range<usize>, out: &mut Bitmap) {
        let rows: &[u32] = self.sections.values(ROWS);
        for row in rows.get(entries).unwrap_or(&[]) {
            // Damage must not make the map grow.
            if (*row as usize) < self.rows {
                out.set(*row as usize);
            }
        }
    }

    /// Applies `change` to every word of `out` and of bitmap `number` of a section.
    fn combine(&self, section: usize, number: usize, out: &mut Bitmap, change: impl Fn(&mut u64, u64)) {
        let words = self.rows.div_ceil(64);
        let maps: &[u64] = self.sections.values(section);
        if let Some(map) = maps.get(number * words..(number + 1) * words) {
            out.combine_words(map, change);
        }
    }
}
