//! Making codes and their numbers.

use super::codes::{Encoder, NUMBERS, squared_length};
use super::raw;
use crate::VectorsView;
use elanus_kernels::{CodeDot, Metric, code, convert};
use elanus_runtime::Cancel;
use elanus_types::Result;

/// Rows at most whose mean stands for that of all.
const MEAN_ROWS: usize = 20_000;
/// Rows encoded between looks at the flag of cancellation.
const BLOCK: usize = 1024;

/// Codes of all rows (none where the vectors serve as such), their numbers, and what was taken off first.
#[derive(Debug, Default)]
pub(crate) struct Codes {
    pub codes: Vec<u8>,
    pub numbers: Vec<[u8; NUMBERS]>,
    pub mean: Vec<f32>,
}

/// Encodes floating-point vectors.
pub(crate) fn encode(
    vectors: &VectorsView<'_>,
    metric: Metric,
    threads: usize,
    cancel: &Cancel,
) -> Result<Codes> {
    let width = code::stride(vectors.dim);
    let mean = if metric == Metric::L2 { mean(vectors) } else { Vec::new() };
    let encoder = Encoder { metric, dot: CodeDot::new(), mean: &mean };
    let mut codes = vec![0u8; vectors.rows * width];
    let mut pairs = vec![(0.0f32, 0.0f32); vectors.rows];
    let share = vectors.rows.div_ceil(threads.max(1)).max(1);
    std::thread::scope(|scope| {
        let parts = codes.chunks_mut(share * width).zip(pairs.chunks_mut(share));
        for (part, (codes, pairs)) in parts.enumerate() {
            let encoder = &encoder;
            scope.spawn(move || encode_part(vectors, encoder, part * share, codes, pairs, cancel));
        }
    });
    cancel.check()?;
    Ok(Codes { codes, numbers: numbers(metric, pairs), mean })
}

fn encode_part(
    vectors: &VectorsView<'_>,
    encoder: &Encoder<'_>,
    first: usize,
    codes: &mut [u8],
    pairs: &mut [(f32, f32)],
    cancel: &Cancel,
) {
    let (mut floats, mut made) = (Vec::new(), Vec::new());
    let width = code::stride(vectors.dim);
    for (at, (code, pair)) in codes.chunks_exact_mut(width).zip(pairs).enumerate() {
        if at % BLOCK == 0 && cancel.is_cancelled() {
            return;
        }
        floats.clear();
        made.clear();
        convert::decode(vectors.element, vectors.row(first + at), &mut floats);
        let scale = encoder.encode(&mut floats, &mut made);
        code.copy_from_slice(&made);
        *pair = (scale, encoder.term(code, scale));
    }
}

/// Makes the code of a query in `code` and returns its scale; `floats` is working memory, `mean` little-endian floats.
///
/// By cosine only the direction counts for the order, but keys must be comparable to exact ones.
pub(crate) fn encode_query(
    vectors: &VectorsView<'_>,
    metric: Metric,
    mean: &[[u8; 4]],
    query: &[u8],
    floats: &mut Vec<f32>,
    code: &mut Vec<u8>,
) -> f32 {
    floats.clear();
    code.clear();
    convert::decode(vectors.element, query, floats);
    floats.iter_mut().zip(mean).for_each(|(v, mean)| *v -= f32::from_le_bytes(*mean));
    let scale = code::quantize(floats, code);
    match metric {
        Metric::Cosine => {
            let square: f32 = floats.iter().map(|v| v * v).sum();
            scale * inverse_length(square)
        }
        _ => scale,
    }
}

/// The numbers of vectors that are bytes already.
pub(crate) fn of_bytes(vectors: &VectorsView<'_>, metric: Metric) -> Codes {
    let dot = CodeDot::any_bytes();
    let pair = |row| {
        let square = squared_length(&dot, vectors.row(row), 1.0);
        match metric {
            Metric::Cosine => (inverse_length(square), 0.0),
            _ => (1.0, square),
        }
    };
    let numbers = numbers(metric, (0..vectors.rows).map(pair).collect());
    Codes { codes: Vec::new(), numbers, mean: Vec::new() }
}

/// One over the length; zero for zero.
pub(crate) fn inverse_length(square: f32) -> f32 {
    if square > 0.0 { 1.0 / square.sqrt() } else { 0.0 }
}

/// Pairs of scale and squared length as they are stored: for inner products with what a row lacks to the longest.
fn numbers(metric: Metric, pairs: Vec<(f32, f32)>) -> Vec<[u8; NUMBERS]> {
    let lacks = raw::lacks(metric, &pairs.iter().map(|(_, square)| *square).collect::<Vec<_>>());
    let number = |(row, (scale, square)): (usize, (f32, f32))| {
        let term = lacks.get(row).copied().unwrap_or(square);
        let [a, b, c, d] = scale.to_le_bytes();
        let [e, f, g, h] = term.to_le_bytes();
        [a, b, c, d, e, f, g, h]
    };
    pairs.into_iter().enumerate().map(number).collect()
}

fn mean(vectors: &VectorsView<'_>) -> Vec<f32> {
    let step = vectors.rows.div_ceil(MEAN_ROWS).max(1);
    let mut sums = vec![0.0f64; vectors.dim];
    let (mut floats, mut count) = (Vec::new(), 0usize);
    for row in (0..vectors.rows).step_by(step) {
        floats.clear();
        convert::decode(vectors.element, vectors.row(row), &mut floats);
        sums.iter_mut().zip(&floats).for_each(|(sum, v)| *sum += f64::from(*v));
        count += 1;
    }
    let mean = |sum: f64| (sum / count.max(1) as f64) as f32;
    // A mean that is not finite would spoil every code.
    sums.into_iter().map(mean).map(|mean| if mean.is_finite() { mean } else { 0.0 }).collect()
}
