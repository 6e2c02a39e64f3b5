//! The first few of many things in some order, in memory for about twice as many.

/// Things beyond those asked for that are kept before the worst are thrown away.
const SLACK: usize = 1024;

/// The first `most` of everything pushed.
#[derive(Debug)]
pub struct Best<T> {
    most: usize,
    kept: Vec<T>,
    /// The first `most` are in order: the last of them is the worst that can still matter.
    ordered: bool,
}

impl<T> Best<T> {
    /// Keeps the first `most`.
    pub fn new(most: usize) -> Self {
        Self { most, kept: Vec::new(), ordered: false }
    }

    /// What comes after it need not be pushed; `None` = anything may matter yet.
    #[inline]
    pub fn last(&self) -> Option<&T> {
        if self.ordered { self.kept.get(self.most.checked_sub(1)?) } else { None }
    }

    /// Adds one. `tidy` sorts a list, and may remove what others in it replace.
    pub fn push(&mut self, item: T, tidy: impl FnOnce(&mut Vec<T>)) {
        self.kept.push(item);
        if self.kept.len() >= self.most.saturating_mul(2).saturating_add(SLACK) {
            self.prune(tidy);
        }
    }

    /// Throws away what cannot be among the first.
    pub fn prune(&mut self, tidy: impl FnOnce(&mut Vec<T>)) {
        tidy(&mut self.kept);
        self.kept.truncate(self.most);
        self.ordered = self.kept.len() == self.most;
    }

    /// What is in memory.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.kept.iter()
    }

    /// The first ones in order.
    pub fn finish(mut self, tidy: impl FnOnce(&mut Vec<T>)) -> Vec<T> {
        self.prune(tidy);
        self.kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_first_in_bounded_memory() {
        let mut random = fastrand::Rng::with_seed(3);
        for most in [1, 7, 1000] {
            let mut best = Best::new(most);
            let mut all = Vec::new();
            let tidy = |kept: &mut Vec<u32>| {
                kept.sort_unstable();
                kept.dedup();
            };
            for _ in 0..20_000 {
                let item = random.u32(..5_000);
                all.push(item);
                if best.last().is_none_or(|last| item <= *last) {
                    best.push(item, tidy);
                }
                assert!(best.iter().count() <= 2 * most + SLACK);
            }
            tidy(&mut all);
            all.truncate(most);
            assert_eq!(best.finish(tidy), all);
        }
        assert!(Best::<u32>::new(0).finish(|_| {}).is_empty());
    }
}
