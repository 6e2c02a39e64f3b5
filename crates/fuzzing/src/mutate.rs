//! Wrong inputs made from right ones.

use fastrand::Rng;

/// Numbers at the edges of what fields of a format can hold.
const EDGES: [u64; 8] = [0, 1, 0x7f, 0xff, 0x7fff_ffff, 0xffff_ffff, u64::MAX >> 1, u64::MAX];

/// A few random changes of a sample.
pub fn mutated(random: &mut Rng, samples: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = random.choice(samples).cloned().unwrap_or_default();
    for _ in 0..random.usize(1..6) {
        change(random, &mut bytes, samples);
    }
    bytes
}

fn change(random: &mut Rng, bytes: &mut Vec<u8>, samples: &[Vec<u8>]) {
    let at = random.usize(..=bytes.len());
    match random.u8(..9) {
        0 => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1 << random.u8(..8)),
        1 => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte = random.u8(..)),
        2 => {
            let edge = EDGES[random.usize(..EDGES.len())].to_le_bytes();
            let width = [1, 2, 4, 8][random.usize(..4)];
            bytes.iter_mut().skip(at).zip(&edge[..width]).for_each(|(byte, edge)| *byte = *edge);
        }
        3 => bytes.truncate(at),
        4 => drop(bytes.drain(at..(at + random.usize(..8)).min(bytes.len()))),
        5 => insert(bytes, at, &[random.u8(..)]),
        6 => {
            let part = piece(random, &bytes.clone());
            insert(bytes, at, &part.repeat(random.usize(1..4)));
        }
        7 => {
            let other = random.choice(samples).cloned().unwrap_or_default();
            insert(bytes, at, &piece(random, &other));
        }
        // Deep nesting and long runs.
        _ if random.u8(..20) == 0 => {
            let part = piece(random, &bytes.clone());
            let most = 60_000 / part.len().max(1);
            insert(bytes, at, &part.repeat(random.usize(..=most)));
        }
        _ => {}
    }
}

fn piece(random: &mut Rng, bytes: &[u8]) -> Vec<u8> {
    let start = random.usize(..=bytes.len());
    let end = (start + random.usize(..12)).min(bytes.len());
    bytes[start..end].to_vec()
}

fn insert(bytes: &mut Vec<u8>, at: usize, part: &[u8]) {
    bytes.splice(at..at, part.iter().copied());
}
