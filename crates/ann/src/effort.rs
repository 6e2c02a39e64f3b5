//! How hard to look, from what was measured when an index was built.

/// The effort that sufficed for `k` hits, from those for 10 and for 100.
pub(crate) fn effort_for(k: usize, [ten, hundred]: [usize; 2]) -> usize {
    let hundred = hundred.max(ten);
    match k {
        0..=10 => ten,
        11..=100 => ten + (hundred - ten) * (k - 10) / 90,
        _ => hundred.saturating_mul(k) / 100,
    }
}
