//! The similarity measures, their order and the scores users see.

use std::fmt;

/// How two vectors are compared.
///
/// Inside Elanus every metric is a *key*: a float where smaller is nearer (L2 squared, −IP, −cosine,
/// Hamming and Jaccard distance). [`Metric::score`] turns a key into the score that Milvus clients expect.
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
}

impl Metric {
    /// Every metric.
    pub const ALL: [Metric; 5] = [Metric::L2, Metric::Ip, Metric::Cosine, Metric::Hamming, Metric::Jaccard];

    /// The name in the Milvus protocol.
    pub const fn name(self) -> &'static str {
        match self {
            Metric::L2 => "L2",
            Metric::Ip => "IP",
            Metric::Cosine => "COSINE",
            Metric::Hamming => "HAMMING",
            Metric::Jaccard => "JACCARD",
        }
    }

    /// Finds a metric by its name, in any case.
    pub fn parse(name: &str) -> Option<Metric> {
        Metric::ALL.into_iter().find(|metric| metric.name().eq_ignore_ascii_case(name))
    }

    /// Whether users see larger scores for nearer vectors.
    pub const fn larger_is_nearer(self) -> bool {
        matches!(self, Metric::Ip | Metric::Cosine)
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
        f.write_str(self.name())
    }
}
