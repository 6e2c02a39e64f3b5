//! Making codes.

use super::{BLOCK, Layout};

/// Steps tried, from the one that reaches the largest component down to a part of it.
const STEPS: usize = 12;

/// Writes the code of `vector` over `out`, which has [`Layout::width`] bytes, and returns its scale: scale · ⟨code,
/// vector⟩ = |vector|². A vector without a finite non-zero component has scale 0.
///
/// `numbers` is working memory.
pub fn encode(layout: &Layout, vector: &[f32], numbers: &mut Vec<u8>, out: &mut [u8]) -> f32 {
    out.fill(0);
    let square: f32 = vector.iter().map(|v| v * v).sum();
    let largest = vector.iter().fold(0.0f32, |most, v| most.max(v.abs()));
    let legal = square.is_finite() && square > f32::MIN_POSITIVE && largest > 0.0;
    if !legal {
        return 0.0;
    }
    let step = best_step(layout, vector, largest);
    let inverse = 1.0 / step;
    let middle = layout.middle();
    numbers.clear();
    numbers.extend(vector.iter().map(|v| number(v * inverse, middle)));
    pack(layout, numbers, out);
    let along: f32 = numbers.iter().zip(vector).map(|(u, v)| (f32::from(*u) - middle) * v).sum();
    let scale = square / along;
    if scale.is_finite() && along > 0.0 { scale } else { 0.0 }
}

/// The nearest number to a component in units of the step.
#[inline(always)]
fn number(value: f32, middle: f32) -> u8 {
    (value + middle).round_ties_even().clamp(0.0, 2.0 * middle) as u8
}

/// The step whose code points most nearly in the vector's direction.
fn best_step(layout: &Layout, vector: &[f32], largest: f32) -> f32 {
    let middle = layout.middle();
    let widest = largest / middle;
    if layout.bits == 1 {
        return widest;
    }
    // With few bits it pays to cut off the largest components.
    let narrowest = 1.0 / (1.0 + 3.0 / layout.bits as f32);
    let mut best = (f32::NEG_INFINITY, widest);
    for at in 0..STEPS {
        let part = 1.0 + (narrowest - 1.0) * at as f32 / (STEPS - 1) as f32;
        let step = widest * part;
        let cosine = alignment(vector, 1.0 / step, middle);
        if cosine > best.0 {
            best = (cosine, step);
        }
    }
    best.1
}

/// ⟨code, vector⟩ / |code|, by lanes.
fn alignment(vector: &[f32], inverse: f32, middle: f32) -> f32 {
    const LANES: usize = 16;
    let (mut along, mut square) = ([0.0f32; LANES], [0.0f32; LANES]);
    let mut add = |values: &[f32]| {
        for ((v, along), square) in values.iter().zip(&mut along).zip(&mut square) {
            let level = (v * inverse + middle).clamp(0.0, 2.0 * middle);
            // Adding 2^23 leaves a whole number: rounding without a call on processors that lack the instruction.
            let level = (level + 8_388_608.0) - 8_388_608.0 - middle;
            *along += level * v;
            *square += level * level;
        }
    };
    let (blocks, rest) = vector.as_chunks::<LANES>();
    blocks.iter().for_each(|block| add(block));
    add(rest);
    along.iter().sum::<f32>() / square.iter().sum::<f32>().sqrt()
}

fn pack(layout: &Layout, numbers: &[u8], out: &mut [u8]) {
    let (nibbles, planes) = layout.parts();
    for (block, numbers) in out.chunks_exact_mut(layout.block()).zip(numbers.chunks(BLOCK)) {
        for (at, number) in numbers.iter().enumerate() {
            for part in 0..nibbles {
                let bits = number >> (planes + 4 * (nibbles - 1 - part)) & 15;
                block[part * 32 + at % 32] |= if at < 32 { bits } else { bits << 4 };
            }
            for plane in 0..planes {
                let bit = number >> (planes - 1 - plane) & 1;
                block[nibbles * 32 + plane * 8 + at / 8] |= bit << (at % 8);
            }
        }
    }
}
