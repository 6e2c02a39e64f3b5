//! The similarity measures, their order and the scores users see.

use crate::Slots;
use std::fmt;

/// How two vectors are compared.
///
/// Inside Elanus every metric is a *key*: a float where smaller is nearer (L2 squared, −IP, −cosine,
/// Hamming and Jaccard distance, −share of equal slots). [`Metric::score`] turns a key into the score that Milvus clients expect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Metric {
    /// Squared Euclidean distance.
    L2,
    /// Inner product.
    Ip,
    /// Cosine of the angle; zero for a zero vector.
    Cosine,
    /// Number of differing bits.
    Hamming,
    /// 1 − |a∧b| / |a∨b|; 1 for two empty vectors.
    Jaccard,
    /// Share of equal slots of two MinHash signatures.
    MhJaccard(Slots),
}

impl Metric {
    /// Every metric; the one with slots once, with the narrowest.
    pub const ALL: [Metric; 6] = [
        Metric::L2,
        Metric::Ip,
        Metric::Cosine,
        Metric::Hamming,
        Metric::Jaccard,
        Metric::MhJaccard(Slots::BYTES),
    ];

    /// The name in the Milvus protocol.
    pub const fn name(self) -> &'static str {
        match self {
            Metric::L2 => "L2",
            Metric::Ip => "IP",
            Metric::Cosine => "COSINE",
            Metric::Hamming => "HAMMING",
            Metric::Jaccard => "JACCARD",
            Metric::MhJaccard(_) => "MHJACCARD",
        }
    }

    /// Finds a metric by its name, in any case; slots may follow as in `MHJACCARD(32)`, and are bytes otherwise.
    pub fn parse(name: &str) -> Option<Metric> {
        if let Some((name, bits)) = name.strip_suffix(')').and_then(|name| name.split_once('(')) {
            let slots = Slots::new(bits.parse().ok()?)?;
            return Metric::parse(name)
                .filter(|metric| metric.slots().is_some())
                .map(|_| Metric::MhJaccard(slots));
        }
        Metric::ALL.into_iter().find(|metric| metric.name().eq_ignore_ascii_case(name))
    }

    /// The slots of MinHash signatures.
    pub const fn slots(self) -> Option<Slots> {
        match self {
            Metric::MhJaccard(slots) => Some(slots),
            _ => None,
        }
    }

    /// What an index that answers this metric was built for: bands matter to a search only.
    pub fn indexed(self) -> Metric {
        match self {
            Metric::MhJaccard(slots) => Metric::MhJaccard(slots.by_band(0)),
            other => other,
        }
    }

    /// Whether users see larger scores for nearer vectors.
    pub const fn larger_is_nearer(self) -> bool {
        matches!(self, Metric::Ip | Metric::Cosine | Metric::MhJaccard(_))
    }

    /// The score users see for an internal key.
    #[inline]
    pub fn score(self, key: f32) -> f32 {
        if self.larger_is_nearer() { -key } else { key }
    }

    /// The internal key (smaller is nearer) of a score users see; the inverse of [`Metric::score`].
    #[inline]
    pub fn key(self, score: f32) -> f32 {
        if self.larger_is_nearer() { -score } else { score }
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Metric::MhJaccard(slots) => write!(f, "{}({slots})", self.name()),
            _ => f.write_str(self.name()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_is_found_by_what_it_prints() {
        let slots = [8, 32, 256].map(|bits| Metric::MhJaccard(Slots::new(bits).expect("legal")));
        for metric in Metric::ALL.into_iter().chain(slots) {
            assert_eq!(Metric::parse(&metric.to_string()), Some(metric));
            assert_eq!(Metric::parse(&metric.name().to_lowercase()).map(Metric::name), Some(metric.name()));
        }
        for wrong in ["L2(8)", "MHJACCARD(7)", "MHJACCARD(", "MHJACCARD()", "(8)", ""] {
            assert_eq!(Metric::parse(wrong), None, "{wrong}");
        }
    }
}
