//! Ascending row numbers as the differences between them, seven bits a byte.

/// A list under construction.
#[derive(Default)]
pub(super) struct List {
    pub(super) bytes: Vec<u8>,
    pub(super) count: u32,
    next: u32,
}

impl List {
    /// Adds a row that is not below the last one; the last one again changes nothing.
    pub(super) fn push(&mut self, row: u32) {
        let Some(mut difference) = row.checked_sub(self.next) else { return };
        while difference >= 0x80 {
            self.bytes.push(difference as u8 | 0x80);
            difference >>= 7;
        }
        self.bytes.push(difference as u8);
        self.next = row + 1;
        self.count += 1;
    }
}

/// The rows of a list; damaged bytes give wrong rows, in bounded number.
pub(super) fn read(bytes: &[u8]) -> impl Iterator<Item = u32> + '_ {
    let mut rest = bytes.iter();
    let mut next = 0_u32;
    std::iter::from_fn(move || {
        let (mut difference, mut shift) = (0_u32, 0);
        loop {
            let byte = *rest.next()?;
            difference |= u32::from(byte & 0x7F).checked_shl(shift).unwrap_or(0);
            if byte < 0x80 {
                break;
            }
            shift += 7;
        }
        let row = next.wrapping_add(difference);
        next = row.wrapping_add(1);
        Some(row)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_was_pushed() {
        let mut random = fastrand::Rng::with_seed(1);
        for _ in 0..200 {
            let most = 1 << random.u32(1..31);
            let mut rows: Vec<u32> = (0..random.usize(0..50)).map(|_| random.u32(..most)).collect();
            rows.sort_unstable();
            let mut list = List::default();
            rows.iter().for_each(|row| list.push(*row));
            rows.dedup();
            assert_eq!(read(&list.bytes).collect::<Vec<_>>(), rows);
            assert_eq!(list.count as usize, rows.len());
        }
        assert!(read(&[0xFF; 40]).count() < 40, "damage ends");
    }
}
