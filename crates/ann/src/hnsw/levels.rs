//! Which rows take part in the layers above the lowest, and in which order rows are inserted.

/// More layers than this are never built.
pub(super) const MOST_LEVELS: usize = 16;

/// Rows in the order of their insertion, those on the highest layers first, so that the nodes of every layer are the
/// first so many of them.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Levels {
    /// Rows in order.
    pub order: Vec<u32>,
    /// Nodes per layer, the lowest (all of them) first.
    pub sizes: Vec<usize>,
}

/// Draws the highest layer of every row: each layer has 1/`m` of the nodes of the one below.
pub(super) fn draw(mut rows: Vec<u32>, m: usize, seed: u64) -> Levels {
    let mut random = fastrand::Rng::with_seed(seed);
    random.shuffle(&mut rows);
    let scale = 1.0 / (m.max(2) as f64).ln();
    let mut leveled: Vec<(usize, u32)> = rows
        .into_iter()
        .map(|row| {
            let level = -(1.0 - random.f64()).ln() * scale;
            ((level as usize).min(MOST_LEVELS - 1), row)
        })
        .collect();
    leveled.sort_by_key(|(level, _)| std::cmp::Reverse(*level));
    let top = leveled.first().map_or(0, |(level, _)| *level);
    let size = |level: usize| leveled.partition_point(|(highest, _)| *highest >= level);
    let mut sizes: Vec<usize> = (0..=top).map(size).collect();
    // One node alone leads nowhere that the layer below does not.
    while sizes.len() > 1 && sizes.last().is_some_and(|size| *size < 2) {
        sizes.pop();
    }
    Levels { order: leveled.into_iter().map(|(_, row)| row).collect(), sizes }
}

impl Levels {
    /// The highest layer of a node.
    pub(super) fn top_of(&self, rank: usize) -> usize {
        self.sizes.partition_point(|size| *size > rank).saturating_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_shrink_and_are_prefixes() {
        let levels = draw((0..10_000).collect(), 16, 7);
        assert_eq!(levels.sizes[0], 10_000);
        assert!((450..800).contains(&levels.sizes[1]), "{:?}", levels.sizes);
        assert!(levels.sizes.is_sorted_by(|a, b| a > b));
        assert_eq!((levels.top_of(0), levels.top_of(9_999)), (levels.sizes.len() - 1, 0));
        assert_eq!(levels.top_of(levels.sizes[1]), 0);
        assert_eq!(levels.top_of(levels.sizes[1] - 1), 1);
        let mut rows = levels.order.clone();
        rows.sort_unstable();
        assert!(rows.into_iter().eq(0..10_000));
        assert_eq!(draw((0..10_000).collect(), 16, 7), levels);
    }

    #[test]
    fn no_rows_no_layers() {
        assert_eq!(draw(Vec::new(), 16, 7), Levels { order: Vec::new(), sizes: vec![0] });
        assert_eq!(draw(vec![3], 16, 7).sizes, [1]);
    }
}
