//! The nearest of the centres of a piece.
#![allow(unsafe_code)]

use crate::Level;

/// Centres compared side by side.
const LANES: usize = 16;

/// Centres of one piece and stage, component by component, so that one component is compared with many centres at once.
#[derive(Clone, Debug, Default)]
pub(super) struct Columns {
    /// Rounded up to whole lanes; those beyond the last centre are infinitely far.
    count: usize,
    floats: Vec<f32>,
}

impl Columns {
    /// Centres given one after the other, `width` floats each.
    pub(super) fn new(centres: &[f32], width: usize) -> Self {
        let centres = centres.chunks_exact(width.max(1));
        let count = centres.len().next_multiple_of(LANES);
        let mut floats = vec![f32::INFINITY; count * width];
        for (number, centre) in centres.enumerate() {
            centre.iter().enumerate().for_each(|(at, value)| floats[at * count + number] = *value);
        }
        Self { count, floats }
    }

    /// Adds to `table` the inner products of the centres with a vector.
    #[inline]
    pub(super) fn dots(&self, vector: &[f32], table: &mut [f32]) {
        for (value, column) in vector.iter().zip(self.floats.chunks_exact(self.count.max(1))) {
            table.iter_mut().zip(column).for_each(|(sum, centre)| *sum += value * centre);
        }
    }

    /// The number of the nearest centre, the first among equals.
    pub(super) fn nearest(&self, vector: &[f32]) -> usize {
        match Level::chosen() {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: the processor has the instructions of the level in use.
            Level::Avx512 => unsafe { nearest_avx512(self, vector) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above.
            Level::Avx2 => unsafe { nearest_avx2(self, vector) },
            _ => nearest(self, vector),
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
fn nearest_avx512(columns: &Columns, vector: &[f32]) -> usize {
    nearest(columns, vector)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn nearest_avx2(columns: &Columns, vector: &[f32]) -> usize {
    nearest(columns, vector)
}

/// The compiler makes of it what the caller's instructions allow.
#[inline(always)]
fn nearest(columns: &Columns, vector: &[f32]) -> usize {
    let mut best = ([f32::INFINITY; LANES], [0u32; LANES]);
    for start in (0..columns.count).step_by(LANES) {
        let mut squares = [0.0f32; LANES];
        for (value, column) in vector.iter().zip(columns.floats.chunks_exact(columns.count.max(1))) {
            let (lanes, _) = column[start..start + LANES].as_chunks::<LANES>();
            for lane in lanes {
                for (square, centre) in squares.iter_mut().zip(lane) {
                    let off = value - centre;
                    *square += off * off;
                }
            }
        }
        let (nearest, begin) = &mut best;
        for ((square, nearest), begin) in squares.iter().zip(nearest).zip(begin) {
            if square < nearest {
                (*nearest, *begin) = (*square, start as u32);
            }
        }
    }
    let lanes = best.0.iter().zip(best.1).enumerate();
    let numbers = lanes.map(|(lane, (square, start))| (*square, start as usize + lane));
    let nearest = numbers.min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    nearest.map_or(0, |(_, number)| number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_nearest_and_the_first_among_equals() {
        let mut random = fastrand::Rng::with_seed(1);
        for (width, count) in [(1, 1), (2, 16), (3, 17), (8, 256), (5, 100)] {
            let centres: Vec<f32> = (0..width * count).map(|_| f32::from(random.i8(-3..=3))).collect();
            let columns = Columns::new(&centres, width);
            for _ in 0..50 {
                let vector: Vec<f32> = (0..width).map(|_| f32::from(random.i8(-3..=3))).collect();
                let square =
                    |centre: &[f32]| centre.iter().zip(&vector).map(|(a, b)| (a - b) * (a - b)).sum::<f32>();
                let squares: Vec<f32> = centres.chunks_exact(width).map(square).collect();
                let want = (0..count).min_by(|a, b| squares[*a].total_cmp(&squares[*b]));
                assert_eq!(Some(columns.nearest(&vector)), want);
                assert_eq!(Some(nearest(&columns, &vector)), want);
            }
        }
        assert_eq!(Columns::new(&[1.0, 2.0], 1).nearest(&[f32::NAN]), 0);
        assert_eq!(Columns::default().nearest(&[]), 0);
    }
}
