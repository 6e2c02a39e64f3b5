//! How hard to look, from what was measured when an index was built.

use elanus_types::{Error, Result};
use serde::{Deserialize, Serialize};

/// Recall that is aimed at when nobody says otherwise.
pub const RECALL_TARGET: f32 = 0.95;
/// Part of the way from the target to perfection that measured recall must be beyond it: sampled rows are not quite like
/// queries, and there are not many of them.
const MARGIN: f32 = 0.2;
/// Numbers of hits that are measured.
pub(crate) const MEASURED: [usize; 3] = [1, 10, 100];
/// Part of the sample, the worst, that is told apart.
const WORST: f32 = 0.05;
/// Recalls that differ by less are alike: where none is enough, larger efforts for no more recall would be in vain.
const ALIKE: f32 = 0.002;
/// Most points of a curve.
const MOST_POINTS: usize = 64;

/// What an effort found.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Point {
    /// Beam of a graph, or lists looked into.
    pub effort: u32,
    /// Mean share of the true neighbours found.
    pub recall: f32,
    /// The same over the worst twentieth of the sample.
    pub worst: f32,
}

impl Point {
    /// Sums up the shares found for a sample of rows.
    pub(crate) fn of(effort: usize, shares: &mut [f32]) -> Self {
        shares.sort_unstable_by(f32::total_cmp);
        let worst = (shares.len() as f32 * WORST).ceil() as usize;
        let mean = |shares: &[f32]| match shares {
            [] => 1.0,
            _ => shares.iter().sum::<f32>() / shares.len() as f32,
        };
        let effort = u32::try_from(effort).unwrap_or(u32::MAX);
        Self { effort, recall: mean(shares), worst: mean(shares.get(..worst).unwrap_or(&[])) }
    }
}

/// What share of the true neighbours growing efforts (a graph's beam, lists looked into) find, for 1, 10 and 100 hits.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Curves {
    /// Points of growing effort for each of [`MEASURED`].
    pub(crate) points: [Vec<Point>; MEASURED.len()],
    /// Queries really asked that were looked for; 0 = rows of the column itself, when the index was built.
    #[serde(default)]
    pub(crate) asked: u32,
}

/// The share of the `k` nearest that was found, from keys nearest first: equally near rows are equally good.
pub(crate) fn share(found: &[f32], truth: &[f32], k: usize) -> f32 {
    let of = k.min(truth.len());
    let Some(farthest) = truth.get(of.wrapping_sub(1)) else { return 1.0 };
    found.iter().take(of).filter(|key| *key <= farthest).count() as f32 / of as f32
}

/// Measured recall that promises the target.
pub(crate) fn enough(target: f32) -> f32 {
    let target = target.clamp(0.0, 1.0);
    target + (1.0 - target) * MARGIN
}

impl Curves {
    /// The effort for `k` hits at a recall target.
    pub(crate) fn effort(&self, k: usize, target: Option<f32>) -> usize {
        let target = target.unwrap_or(RECALL_TARGET);
        let [one, ten, hundred] =
            [0, 1, 2].map(|at| self.point(at, target).map_or(0, |point| point.effort as usize));
        let hundred = hundred.max(ten);
        let between = |from: usize, to: usize, part: usize, of: usize| (from * (of - part) + to * part) / of;
        match k {
            0 | 1 => one,
            2..=10 => between(one, ten, k - 1, 9),
            11..=100 => between(ten, hundred, k - 10, 90),
            _ => hundred.saturating_mul(k) / 100,
        }
    }

    /// Whether some effort promises the usual target for ten hits.
    pub(crate) fn suffice(&self) -> bool {
        self.points[1].iter().any(|point| point.recall >= RECALL_TARGET)
    }

    /// The first point that promises the target, else the first that finds about as much as any.
    fn point(&self, at: usize, target: f32) -> Option<&Point> {
        let points = self.points.get(at)?;
        let best = points.iter().map(|point| point.recall).fold(0.0, f32::max);
        let wanted = if best < enough(target) { best - ALIKE } else { enough(target) };
        points.iter().find(|point| point.recall >= wanted)
    }

    /// What was found sufficient for a target, for people.
    pub(crate) fn describe(&self, effort: &str, target: f32) -> String {
        let when = match self.asked {
            0 => "when built".to_owned(),
            asked => format!("over {asked} queries asked"),
        };
        let part = |(at, k): (usize, &usize)| {
            let point = self.point(at, target)?;
            let Point { effort: value, recall, worst } = point;
            Some(format!("{effort} {value} for {k} hits (recall {recall:.3} {when}, worst 5 % {worst:.3})"))
        };
        MEASURED.iter().enumerate().filter_map(part).collect::<Vec<_>>().join(", ")
    }

    /// The curves as they lie in an index file, which only those of its build do.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let words = self.points.iter().flat_map(|points| {
            let points = points.iter().take(MOST_POINTS);
            let words = points
                .clone()
                .flat_map(|point| [point.effort, point.recall.to_bits(), point.worst.to_bits()]);
            std::iter::once(points.len() as u32).chain(words).collect::<Vec<_>>()
        });
        words.flat_map(u32::to_le_bytes).collect()
    }

    /// Reads what [`Curves::bytes`] wrote.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self> {
        let damaged = || Error::damaged("index file has curves of recall that end too early");
        let mut words = bytes.as_chunks::<4>().0.iter().map(|word| u32::from_le_bytes(*word));
        let mut curves = Self::default();
        for points in &mut curves.points {
            for _ in 0..words.next().ok_or_else(damaged)?.min(MOST_POINTS as u32) {
                let mut next = || words.next().ok_or_else(damaged);
                let (effort, recall, worst) = (next()?, next()?, next()?);
                points.push(Point { effort, recall: f32::from_bits(recall), worst: f32::from_bits(worst) });
            }
        }
        Ok(curves)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curves() -> Curves {
        let points = |efforts: [u32; 3]| {
            let recalls = efforts.into_iter().zip([0.9, 0.97, 0.995]);
            recalls.map(|(effort, recall)| Point { effort, recall, worst: recall / 2.0 }).collect()
        };
        let points = [points([4, 8, 16]), points([10, 20, 40]), points([100, 110, 200])];
        Curves { points, asked: 0 }
    }

    #[test]
    fn efforts_grow_with_hits_and_targets() {
        let curves = curves();
        assert_eq!([1, 10, 55, 100, 1000].map(|k| curves.effort(k, None)), [8, 20, 65, 110, 1100]);
        assert_eq!([0.5, 0.95, 0.99, 1.0].map(|target| curves.effort(10, Some(target))), [10, 20, 40, 40]);
        assert_eq!(Curves::default().effort(10, None), 0);
    }

    #[test]
    fn efforts_that_bring_nothing_are_not_made() {
        let recalls = [0.5, 0.949, 0.9505, 0.9504, 0.951];
        let point = |(at, recall): (usize, f32)| Point { effort: 1 << at, recall, worst: 0.0 };
        let points = recalls.into_iter().enumerate().map(point).collect::<Vec<_>>();
        let curves = Curves { points: [points.clone(), points.clone(), points], asked: 0 };
        assert_eq!(curves.effort(10, Some(0.99)), 2);
        assert_eq!(curves.effort(10, Some(0.5)), 2, "margins count");
    }

    #[test]
    fn a_file_gives_back_what_was_written() {
        let bytes = curves().bytes();
        assert_eq!(Curves::read(&bytes).expect("reads"), curves());
        for end in 0..bytes.len() {
            assert!(Curves::read(&bytes[..end]).is_err());
        }
    }

    #[test]
    fn people_are_told_what_was_looked_for() {
        let told = "nprobe 40 for 10 hits (recall 0.995 when built, worst 5 % 0.498)";
        assert!(curves().describe("nprobe", 0.99).contains(told));
        let asked = Curves { asked: 70, ..curves() };
        assert!(
            asked.describe("ef", 0.95).starts_with("ef 8 for 1 hits (recall 0.970 over 70 queries asked, ")
        );
    }

    #[test]
    fn the_worst_are_told_apart() {
        let mut shares: Vec<f32> = (0..40).map(|at| if at == 7 { 0.0 } else { 1.0 }).collect();
        let point = Point::of(9, &mut shares);
        assert_eq!((point.recall, point.worst), (0.975, 0.5));
        assert_eq!(Point::of(1, &mut []).recall, 1.0);
    }
}
