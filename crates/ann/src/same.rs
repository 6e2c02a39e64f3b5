//! Rows with equal codes share one node of the graph; the others hang on it in a ring.
//!
//! Many equal rows would link to each other only, and nothing would lead from them to the rest.

use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

/// Groups of equal rows.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    /// The first row of every group, ascending.
    pub first: Vec<u32>,
    /// The next row of the group, by row, the row itself after the last; empty when all rows differ.
    pub next: Vec<u32>,
}

/// Groups the rows by what `content` gives for them.
pub(crate) fn group<'a>(rows: usize, content: impl Fn(u32) -> (&'a [u8], u32)) -> Groups {
    let hasher = BuildHasherDefault::<DefaultHasher>::default();
    let mut hashed: Vec<(u64, u32)> =
        (0..rows as u32).map(|row| (hasher.hash_one(content(row)), row)).collect();
    hashed.sort_unstable();
    let mut first = Vec::with_capacity(rows);
    let mut next: Vec<u32> = (0..rows as u32).collect();
    // Groups within a run of equal hashes: nearly always one.
    let mut groups: Vec<(u32, u32)> = Vec::new();
    for run in hashed.chunk_by(|a, b| a.0 == b.0) {
        groups.clear();
        for (_, row) in run {
            match groups.iter_mut().find(|(first, _)| content(*first) == content(*row)) {
                Some((_, last)) => {
                    if let Some(link) = next.get_mut(*last as usize) {
                        *link = *row;
                    }
                    *last = *row;
                }
                None => groups.push((*row, *row)),
            }
        }
        first.extend(groups.iter().map(|(first, _)| *first));
    }
    first.sort_unstable();
    if first.len() == rows {
        next = Vec::new();
    }
    Groups { first, next }
}

/// The rings as they lie in a file.
#[derive(Clone, Copy)]
pub(crate) struct Same<'a> {
    pub next: &'a [[u8; 4]],
}

impl Same<'_> {
    /// A row and those equal to it that follow, ascending.
    #[inline]
    pub(crate) fn rows(&self, row: u32) -> impl Iterator<Item = u32> + '_ {
        std::iter::successors(Some(row), |row| {
            let next = u32::from_le_bytes(*self.next.get(*row as usize)?);
            // Ascending, so that a damaged file cannot lead in circles.
            (next > *row).then_some(next)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_rows_form_rings() {
        let data = [1u8, 2, 1, 3, 2, 1];
        let groups = group(6, |row| (&data[row as usize..][..1], 0));
        assert_eq!(groups.first, [0, 1, 3]);
        let bytes: Vec<[u8; 4]> = groups.next.iter().map(|next| next.to_le_bytes()).collect();
        let same = Same { next: &bytes };
        assert_eq!(same.rows(0).collect::<Vec<_>>(), [0, 2, 5]);
        assert_eq!(same.rows(1).collect::<Vec<_>>(), [1, 4]);
        assert_eq!(same.rows(3).collect::<Vec<_>>(), [3]);
        assert!(group(3, |row| (&data[row as usize..][..1], row)).next.is_empty());
    }
}
