//! Searching with growing effort.

use super::build::Built;
use super::report::Curve;
use super::{Plan, Question, Watch, measure};
use elanus_ann::VectorsView;
use elanus_ann::registry::find;
use elanus_runtime::Progress;

/// Recall above which more effort is of no interest.
const ENOUGH: f64 = 0.999;
/// A doubled effort that finds less more than this found nothing.
const GAIN: f64 = 0.0005;

/// Measures the index as it searches by itself, then with every effort of the plan.
pub(super) fn run(
    plan: &Plan,
    built: &Built,
    base: &VectorsView<'_>,
    queries: &VectorsView<'_>,
    question: &Question,
    watch: &dyn Watch,
) -> Curve {
    let percent = question.percent;
    let filter = if percent < 100.0 { format!(", filter of {percent} %") } else { String::new() };
    let parameter = parameter(built);
    let mut curve =
        Curve { filter_percent: percent, parameter: parameter.unwrap_or("").to_owned(), points: vec![] };
    let mut measure = |effort: Option<usize>| {
        let what = match (effort, parameter) {
            (Some(effort), Some(parameter)) => format!("{}, {parameter} {effort}{filter}", built.label),
            _ => format!("{}{filter}", built.label),
        };
        watch.begin(&what, &Progress::new());
        let point = measure::run(plan, built.index.as_ref(), base, queries, question, effort);
        watch.end(&format!("{what}: recall {:.4}, {:.0} queries/s", point.recall, point.queries_per_second));
        let recall = point.recall;
        curve.points.push(point);
        recall
    };
    measure(None);
    if let Some(parameter) = parameter {
        match plan.efforts.as_slice() {
            [] => grow(if parameter == "ef" { plan.k } else { 1 }, base.rows, |effort| measure(Some(effort))),
            efforts => efforts.iter().for_each(|effort| {
                measure(Some(*effort));
            }),
        }
    }
    curve
}

/// The search parameter that says how hard to look; none for kinds that compare everything.
fn parameter(built: &Built) -> Option<&'static str> {
    let known = find(built.index.kind().name())?.search;
    known.iter().map(|parameter| parameter.name).find(|name| ["ef", "nprobe"].contains(name))
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
