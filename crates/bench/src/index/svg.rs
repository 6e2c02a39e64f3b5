//! Curves of recall against speed as a drawing.

use super::report::{Curve, KindReport, Point, Report};
use std::fmt::Write;

const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 560.0;
/// Edges of the plot within the drawing.
const LEFT: f64 = 80.0;
const RIGHT: f64 = 640.0;
const TOP: f64 = 60.0;
const BOTTOM: f64 = 500.0;
/// Height of an entry of the legend.
const STEP: f64 = 34.0;
/// A hue for each curve; they repeat when there are more.
const COLOURS: [&str; 8] =
    ["#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#17a2b8", "#8c564b", "#444444"];
/// Recalls with a line of their own.
const RECALLS: [f64; 11] = [0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999];
/// Misses below this are drawn as this: a logarithm has no zero.
const LEAST_MISS: f64 = 5e-4;

/// Draws one curve per kind and filter: recall to the right, on a scale that spreads out what is near 1, queries per second
/// of one thread upwards, logarithmic. A ring is what the index does by itself.
pub fn draw(report: &Report) -> String {
    let scale = Scale::of(report);
    let curves: Vec<_> =
        report.kinds.iter().flat_map(|kind| kind.curves.iter().map(move |curve| (kind, curve))).collect();
    let height = HEIGHT.max(TOP + STEP * (curves.len() + 1) as f64);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"{WIDTH}\" height=\"{height}\" fill=\"white\"/>\n"
    );
    let Report { rows, dimensions, element, metric, k, base, .. } = report;
    let name = base.rsplit(['/', '\\']).next().unwrap_or_default();
    text(
        &mut svg,
        LEFT,
        24.0,
        "start",
        &format!("{name}: {rows} × {dimensions} {element}, {metric}, top {k}"),
    );
    text(&mut svg, LEFT, 42.0, "start", "one query at a time, one thread; ring: the index's own effort");
    axes(&mut svg, &scale, *k);
    for (at, (kind, curve)) in curves.into_iter().enumerate() {
        let colour = COLOURS[at % COLOURS.len()];
        line(&mut svg, &scale, curve, colour);
        legend(&mut svg, at, kind, curve, colour);
    }
    svg.push_str("</svg>\n");
    svg
}

struct Scale {
    recall: (f64, f64),
    speed: (f64, f64),
}

impl Scale {
    /// Holds all points, with lines at its edges.
    fn of(report: &Report) -> Self {
        let points = || report.kinds.iter().flat_map(|kind| &kind.curves).flat_map(|curve| &curve.points);
        let lowest = points().map(|point| point.recall).fold(0.9, f64::min);
        let lowest = RECALLS.iter().rfind(|recall| **recall <= lowest).copied().unwrap_or_default();
        let speeds = || points().map(|point| point.queries_per_second.max(1e-3).log10());
        let (low, high) = (speeds().fold(f64::MAX, f64::min), speeds().fold(f64::MIN, f64::max));
        let speed = if low > high { (0.0, 1.0) } else { (low.floor(), high.ceil().max(low.floor() + 1.0)) };
        Self { recall: (spread(lowest), -LEAST_MISS.log10()), speed }
    }

    fn x(&self, recall: f64) -> f64 {
        LEFT + (spread(recall) - self.recall.0) / (self.recall.1 - self.recall.0) * (RIGHT - LEFT)
    }

    fn y(&self, rate: f64) -> f64 {
        let share = (rate.max(1e-3).log10() - self.speed.0) / (self.speed.1 - self.speed.0);
        BOTTOM - share * (BOTTOM - TOP)
    }
}

fn spread(recall: f64) -> f64 {
    -(1.0 - recall).max(LEAST_MISS).log10()
}

fn axes(svg: &mut String, scale: &Scale, k: usize) {
    for recall in RECALLS.into_iter().filter(|recall| spread(*recall) >= scale.recall.0) {
        let x = scale.x(recall);
        rule(svg, (x, TOP), (x, BOTTOM), "#ddd");
        text(svg, x, BOTTOM + 16.0, "middle", &recall.to_string());
    }
    for power in scale.speed.0 as i32..=scale.speed.1 as i32 {
        for digit in 1..10 {
            let rate = f64::from(digit) * 10f64.powi(power);
            let y = scale.y(rate);
            if y < TOP - 0.5 {
                break;
            }
            rule(svg, (LEFT, y), (RIGHT, y), if digit == 1 { "#bbb" } else { "#eee" });
            if [1, 2, 5].contains(&digit) {
                text(svg, LEFT - 6.0, y + 4.0, "end", &rate.to_string());
            }
        }
    }
    rule(svg, (LEFT, BOTTOM), (RIGHT, BOTTOM), "black");
    rule(svg, (LEFT, TOP), (LEFT, BOTTOM), "black");
    let middle = (LEFT + RIGHT) / 2.0;
    text(svg, middle, BOTTOM + 40.0, "middle", &format!("recall@{k} (spread out towards 1)"));
    let (x, y) = (20.0, (TOP + BOTTOM) / 2.0);
    let _ = writeln!(
        svg,
        "<text x=\"{x}\" y=\"{y}\" text-anchor=\"middle\" transform=\"rotate(-90 {x} {y})\">queries per second (log)</text>"
    );
}

fn line(svg: &mut String, scale: &Scale, curve: &Curve, colour: &str) {
    let place = |point: &Point| (scale.x(point.recall), scale.y(point.queries_per_second));
    let mut path: Vec<(f64, f64)> = curve.points.iter().map(place).collect();
    path.sort_by(|a, b| a.0.total_cmp(&b.0).then(b.1.total_cmp(&a.1)));
    let path: Vec<String> = path.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    let _ = writeln!(
        svg,
        "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.6\"/>",
        path.join(" ")
    );
    for point in &curve.points {
        let (x, y) = place(point);
        let (radius, fill) = if point.effort.is_none() { (6.0, "none") } else { (3.0, colour) };
        let effort =
            point.effort.map_or_else(|| "its own effort".to_owned(), |e| format!("{} {e}", curve.parameter));
        let Point { recall, queries_per_second, .. } = point;
        let _ = writeln!(
            svg,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius}\" fill=\"{fill}\" stroke=\"{colour}\"><title>{}: recall \
             {recall:.4}, {queries_per_second:.0} queries/s</title></circle>",
            escaped(&effort)
        );
    }
}

fn legend(svg: &mut String, at: usize, kind: &KindReport, curve: &Curve, colour: &str) {
    let y = TOP + 10.0 + at as f64 * STEP;
    let _ = writeln!(
        svg,
        "<rect x=\"{}\" y=\"{}\" width=\"14\" height=\"4\" fill=\"{colour}\"/>",
        RIGHT + 20.0,
        y - 6.0
    );
    text(svg, RIGHT + 42.0, y, "start", &(kind.label.clone() + &curve.restrictions()));
    let built = kind.build_seconds.map_or_else(String::new, |seconds| format!("built in {seconds:.1} s, "));
    let cost = format!("{built}{:.1} MB", kind.index_bytes as f64 / 1e6);
    text(svg, RIGHT + 42.0, y + 14.0, "start", &cost);
}

fn rule(svg: &mut String, from: (f64, f64), to: (f64, f64), colour: &str) {
    let ((x1, y1), (x2, y2)) = (from, to);
    let _ = writeln!(
        svg,
        "<line x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\" stroke=\"{colour}\"/>"
    );
}

fn text(svg: &mut String, x: f64, y: f64, anchor: &str, text: &str) {
    let text = escaped(text);
    let _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{text}</text>");
}

/// Text as XML takes it.
fn escaped(text: &str) -> String {
    let one = |letter: char| match letter {
        '&' => "&amp;".to_owned(),
        '<' => "&lt;".to_owned(),
        '>' => "&gt;".to_owned(),
        '"' => "&quot;".to_owned(),
        letter if letter.is_control() => " ".to_owned(),
        letter => letter.to_string(),
    };
    text.chars().map(one).collect()
}
