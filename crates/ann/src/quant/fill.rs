//! Coding all rows.

use super::Quantizer;
use crate::VectorsView;
use crate::space::codes::NUMBERS;
use elanus_kernels::convert;
use elanus_runtime::Cancel;

/// Rows coded between looks at the flag of cancellation.
const BLOCK: usize = 1024;

/// Codes of all rows, and their scales and terms.
#[derive(Debug, Default)]
pub(crate) struct Filled {
    pub codes: Vec<u8>,
    pub numbers: Vec<[u8; NUMBERS]>,
}

/// Codes every row. `shift` changes a row's vector before, and returns its term.
pub(crate) fn fill<Q: Quantizer>(
    vectors: &VectorsView<'_>,
    quantizer: &Q,
    threads: usize,
    cancel: &Cancel,
    shift: impl Fn(u32, &mut [f32]) -> f32 + Sync,
) -> Filled {
    let width = quantizer.width().max(1);
    let mut filled =
        Filled { codes: vec![0; vectors.rows * width], numbers: vec![[0; NUMBERS]; vectors.rows] };
    let share = vectors.rows.div_ceil(threads.max(1)).max(1);
    std::thread::scope(|scope| {
        let parts = filled.codes.chunks_mut(share * width).zip(filled.numbers.chunks_mut(share));
        for (part, (codes, numbers)) in parts.enumerate() {
            let shift = &shift;
            scope.spawn(move || {
                let mut floats = Vec::new();
                for (at, (code, number)) in codes.chunks_exact_mut(width).zip(numbers).enumerate() {
                    if at % BLOCK == 0 && cancel.is_cancelled() {
                        return;
                    }
                    let row = part * share + at;
                    floats.clear();
                    convert::decode(vectors.element, vectors.row(row), &mut floats);
                    let term = shift(row as u32, &mut floats);
                    let [a, b, c, d] = quantizer.encode(&mut floats, code).to_le_bytes();
                    let [e, f, g, h] = term.to_le_bytes();
                    *number = [a, b, c, d, e, f, g, h];
                }
            });
        }
    });
    filled
}
