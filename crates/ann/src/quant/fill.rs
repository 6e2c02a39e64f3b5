//! Coding all rows.

use super::Quantizer;
use crate::VectorsView;
use crate::space::codes::NUMBERS;
use elanus_kernels::convert;
use elanus_runtime::Cancel;

/// Rows coded at once, between looks at the flag of cancellation.
const BLOCK: usize = 64;

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
                let (mut floats, mut scales) = (Vec::new(), Vec::new());
                let blocks = codes.chunks_mut(BLOCK * width).zip(numbers.chunks_mut(BLOCK));
                for (first, (codes, numbers)) in (part * share..).step_by(BLOCK).zip(blocks) {
                    if cancel.is_cancelled() {
                        return;
                    }
                    floats.clear();
                    scales.clear();
                    for (row, number) in (first..).zip(numbers.iter_mut()) {
                        let begin = floats.len();
                        convert::decode(vectors.element, vectors.row(row), &mut floats);
                        let term = shift(row as u32, floats.get_mut(begin..).unwrap_or_default());
                        number[4..].copy_from_slice(&term.to_le_bytes());
                    }
                    quantizer.encode(&mut floats, codes, &mut scales);
                    for (number, scale) in numbers.iter_mut().zip(&scales) {
                        number[..4].copy_from_slice(&scale.to_le_bytes());
                    }
                }
            });
        }
    });
    filled
}
