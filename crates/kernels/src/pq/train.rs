//! Finding the centres of one piece by k-means (Lloyd, 1982).

use super::Shape;
use super::nearest::Columns;

/// Passes over the sample.
const PASSES: usize = 10;

/// Some vectors, one after the other, [`Shape::dim`] floats each.
#[derive(Clone, Copy, Debug)]
pub struct Sample<'a> {
    /// Shape of the quantizer.
    pub shape: Shape,
    /// The vectors.
    pub floats: &'a [f32],
}

/// The centres of a piece, stage after stage, as they lie in a [`super::Codebook`]. The same sample gives the same
/// centres.
pub fn train_piece(sample: Sample<'_>, piece: usize) -> Vec<f32> {
    let Sample { shape, floats } = sample;
    let range = shape.piece(piece);
    let width = range.len().max(1);
    let mut left: Vec<f32> = floats
        .chunks_exact(shape.dim.max(1))
        .flat_map(|vector| vector[range.clone()].iter().copied())
        .collect();
    let mut out = Vec::with_capacity(shape.stages * shape.centres() * width);
    for _ in 0..shape.stages {
        let centres = cluster(&left, width, shape.centres());
        let columns = Columns::new(&centres, width);
        for vector in left.chunks_exact_mut(width) {
            let number = columns.nearest(vector);
            vector.iter_mut().zip(&centres[number * width..]).for_each(|(v, centre)| *v -= centre);
        }
        out.extend(centres);
    }
    out
}

fn cluster(vectors: &[f32], width: usize, count: usize) -> Vec<f32> {
    let rows = vectors.len() / width;
    let row = |at: usize| &vectors[at * width..(at + 1) * width];
    // Rows spread over the sample to begin with; fewer rows than centres leave zeros.
    let mut centres: Vec<f32> =
        (0..count.min(rows)).flat_map(|at| row(at * rows / count.min(rows)).iter().copied()).collect();
    centres.resize(count * width, 0.0);
    for _ in 0..PASSES {
        let (mut sums, mut members) = (vec![0.0f64; count * width], vec![0usize; count]);
        let mut farthest = (0.0f32, 0);
        let columns = Columns::new(&centres, width);
        for at in 0..rows {
            let vector = row(at);
            let number = columns.nearest(vector);
            members[number] += 1;
            let sums = &mut sums[number * width..(number + 1) * width];
            sums.iter_mut().zip(vector).for_each(|(sum, v)| *sum += f64::from(*v));
            let centre = &centres[number * width..][..width];
            let square = centre.iter().zip(vector).map(|(a, b)| (a - b) * (a - b)).sum::<f32>();
            if square > farthest.0 {
                farthest = (square, at);
            }
        }
        for (number, members) in members.iter().enumerate() {
            let centre = &mut centres[number * width..(number + 1) * width];
            let sums = &sums[number * width..(number + 1) * width];
            if *members > 0 {
                let mean = |sum: &f64| (sum / *members as f64) as f32;
                centre.iter_mut().zip(sums).for_each(|(centre, sum)| *centre = mean(sum));
            }
        }
        // One empty centre a pass moves to where the error is largest.
        if let Some(empty) = members.iter().position(|members| *members == 0).filter(|_| farthest.0 > 0.0) {
            centres[empty * width..(empty + 1) * width].copy_from_slice(row(farthest.1));
        }
    }
    centres
}
