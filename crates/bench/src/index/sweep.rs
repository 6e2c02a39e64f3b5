//! Searching with growing effort.

use super::build::Built;
use super::report::{Curve, Point};
use super::{Plan, Question, Watch, measure};
use elanus_ann::registry::find;
use elanus_ann::{SearchParams, VectorsView};
use elanus_runtime::Progress;

/// Recall above which more effort is of no interest.
const ENOUGH: f64 = 0.999;
/// A doubled effort that finds less more than this found nothing.
const GAIN: f64 = 0.0005;

/// One index and what it is asked.
struct Sweep<'a> {
    plan: &'a Plan,
    built: &'a Built,
    base: &'a VectorsView<'a>,
    queries: &'a VectorsView<'a>,
    question: &'a Question,
    watch: &'a dyn Watch,
}

/// Measures the index with its own `refine_k`, or with each of the plan.
pub(super) fn run(
    plan: &Plan,
    built: &Built,
    base: &VectorsView<'_>,
    queries: &VectorsView<'_>,
    question: &Question,
    watch: &dyn Watch,
) -> Vec<Curve> {
    let sweep = Sweep { plan, built, base, queries, question, watch };
    match has(built, "refine_k") && !plan.refine_k.is_empty() {
        true => plan.refine_k.iter().map(|factor| sweep.curve(Some(*factor))).collect(),
        false => vec![sweep.curve(None)],
    }
}

impl Sweep<'_> {
    fn curve(&self, refine_k: Option<f32>) -> Curve {
        let parameter = ["ef", "nprobe"].into_iter().find(|name| has(self.built, name)).unwrap_or_default();
        let mut curve = Curve::new(self.question.percent, parameter, refine_k);
        let (label, restrictions) = (&self.built.label, curve.restrictions());
        measure_all(self.plan, parameter, self.base.rows, |effort| {
            let name = format!("{label}{}{restrictions}", named(parameter, effort));
            let params = SearchParams { ef: effort, nprobe: effort, refine_k, ..SearchParams::default() };
            let point = self.point(&name, &params);
            let recall = point.recall;
            curve.points.push(Point { effort, ..point });
            recall
        });
        // What has no effort has nothing to choose.
        let targets: &[f64] = if parameter.is_empty() { &[] } else { &self.plan.targets };
        let aimed = |target: &f64| {
            let name = format!("{label}, recall_target {target}{restrictions}");
            let recall_target = Some(*target as f32);
            let params = SearchParams { recall_target, refine_k, ..SearchParams::default() };
            Point { recall_target: Some(*target), ..self.point(&name, &params) }
        };
        curve.targets = targets.iter().map(aimed).collect();
        curve
    }

    /// Measures once and says so.
    fn point(&self, name: &str, params: &SearchParams) -> Point {
        self.watch.begin(name, &Progress::new());
        let index = self.built.index.as_ref();
        let point = measure::run(self.plan, index, self.base, self.queries, self.question, params);
        let (recall, rate) = (point.recall, point.queries_per_second);
        self.watch.end(&format!("{name}: recall {recall:.4}, {rate:.0} queries/s"));
        point
    }
}

/// Measures the index as it searches by itself, then with every effort of the plan.
fn measure_all(plan: &Plan, parameter: &str, rows: usize, mut measure: impl FnMut(Option<usize>) -> f64) {
    measure(None);
    match (parameter, plan.efforts.as_slice()) {
        ("", _) => {}
        ("ef", []) => grow(plan.k, rows, |effort| measure(Some(effort))),
        (_, []) => grow(1, rows, |effort| measure(Some(effort))),
        (_, efforts) => efforts.iter().for_each(|effort| {
            measure(Some(*effort));
        }),
    }
}

fn named(parameter: &str, effort: Option<usize>) -> String {
    effort.map_or_else(String::new, |effort| format!(", {parameter} {effort}"))
}

/// Whether searches on this kind take a parameter.
fn has(built: &Built, name: &str) -> bool {
    let known = find(built.index.kind().name()).map_or(&[][..], |index| index.search);
    known.iter().any(|parameter| parameter.name == name)
}

/// Doubles the effort until nearly everything is found, or twice in a row nothing more.
fn grow(first: usize, most: usize, mut recall_with: impl FnMut(usize) -> f64) {
    let (mut effort, mut best, mut vain) = (first.max(1), 0.0, 0);
    loop {
        let recall = recall_with(effort);
        vain = if recall > best + GAIN { 0 } else { vain + 1 };
        best = recall.max(best);
        if best > ENOUGH || vain == 2 || effort >= most {
            return;
        }
        effort = effort.saturating_mul(2).min(most);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn efforts(first: usize, most: usize, recall: impl Fn(usize) -> f64) -> Vec<usize> {
        let mut tried = Vec::new();
        grow(first, most, |effort| {
            tried.push(effort);
            recall(effort)
        });
        tried
    }

    #[test]
    fn effort_grows_until_nothing_more_is_found() {
        assert_eq!(
            efforts(10, 1_000_000, |effort| 1.0 - 1.0 / effort as f64),
            [10, 20, 40, 80, 160, 320, 640, 1280]
        );
        assert_eq!(efforts(1, 1_000_000, |effort| (effort as f64 / 10.0).min(0.8)), [1, 2, 4, 8, 16, 32]);
        assert_eq!(efforts(10, 50, |effort| effort as f64 / 100.0), [10, 20, 40, 50]);
        assert_eq!(efforts(0, 0, |_| 0.0), [1]);
    }
}
