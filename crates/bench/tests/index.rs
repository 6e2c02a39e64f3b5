//! A sweep over a small set whose neighbours are known.

use elanus_bench::index::{Curve, Plan, Report, TARGETS, Watch, draw, kinds, run};
use elanus_kernels::{Element, Metric};
use elanus_runtime::Progress;
use elanus_types::Result;
use serde_json::Value;
use std::path::{Path, PathBuf};

const ROWS: usize = 3_000;
const DIM: usize = 16;
const QUERIES: usize = 60;

struct Silent;

impl Watch for Silent {
    fn begin(&self, _: &str, _: &Progress) {}
    fn end(&self, _: &str) {}
}

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("elanus-sweep-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

fn random(rows: usize, seed: u64) -> Vec<Vec<f32>> {
    let mut random = fastrand::Rng::with_seed(seed);
    (0..rows).map(|_| (0..DIM).map(|_| random.f32() - 0.5).collect()).collect()
}

/// Rows as .fvecs.
fn save(path: &Path, rows: &[Vec<f32>]) {
    let row = |row: &Vec<f32>| {
        let head = (row.len() as u32).to_le_bytes();
        head.into_iter().chain(row.iter().flat_map(|x| x.to_le_bytes())).collect::<Vec<_>>()
    };
    std::fs::write(path, rows.iter().flat_map(row).collect::<Vec<_>>()).expect("writes");
}

/// The ten nearest by the squared distance, as .ivecs.
fn save_truth(path: &Path, base: &[Vec<f32>], queries: &[Vec<f32>]) {
    let distance = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(x, y)| f64::from(x - y).powi(2)).sum::<f64>();
    let mut bytes = Vec::new();
    for query in queries {
        let mut rows: Vec<usize> = (0..base.len()).collect();
        rows.sort_by(|a, b| distance(&base[*a], query).total_cmp(&distance(&base[*b], query)));
        bytes.extend(10u32.to_le_bytes());
        bytes.extend(rows.iter().take(10).flat_map(|row| (*row as u32).to_le_bytes()));
    }
    std::fs::write(path, bytes).expect("writes");
}

fn plan(name: &str) -> Plan {
    let folder = folder(name);
    let (base, queries) = (folder.join("base.fvecs"), folder.join("queries.fvecs"));
    let (rows, asked) = (random(ROWS, 1), random(QUERIES, 2));
    save(&base, &rows);
    save(&queries, &asked);
    save_truth(&folder.join("truth.ivecs"), &rows, &asked);
    let plan = Plan { metric: Metric::L2, threads: 2, seconds: 0.0, ..Plan::new(base, queries) };
    Plan { truth: Some(folder.join("truth.ivecs")), ..plan }
}

fn sweep(plan: &Plan) -> Result<Report> {
    run(plan, &Silent)
}

#[test]
fn every_kind_is_swept_until_it_finds_nearly_everything() {
    let plan = plan("all");
    let report = sweep(&plan).expect("runs");
    assert_eq!(report.kinds.len(), kinds::all(Element::F32).len());
    for kind in &report.kinds {
        let points = &kind.curves[0].points;
        assert_eq!(points[0].effort, None);
        let best = points.iter().map(|point| point.recall).fold(0.0, f64::max);
        assert!(best > 0.95, "{}: {best}", kind.label);
        for point in points {
            assert!(point.recall_worst <= point.recall && point.queries == QUERIES, "{point:?}");
            assert!(point.queries_per_second > 0.0 && point.p50_ms <= point.p99_ms, "{point:?}");
        }
        let efforts: Vec<_> = points.iter().filter_map(|point| point.effort).collect();
        assert!(efforts.windows(2).all(|pair| pair[0] < pair[1]), "{efforts:?}");
        assert_eq!(efforts.is_empty(), kind.curves[0].parameter.is_empty());
        aims(&kind.label, &kind.curves[0]);
    }
    let flat = report.kinds.iter().find(|kind| kind.label == "FLAT").expect("FLAT is a kind");
    assert_eq!((flat.curves[0].points.len(), flat.curves[0].points[0].recall), (1, 1.0));
    let computed =
        sweep(&Plan { truth: None, contenders: kinds::parse("FLAT").unwrap(), ..plan }).expect("runs");
    assert_eq!(computed.kinds[0].curves[0].points[0].recall, 1.0);
}

/// Every recall aimed at is measured, of kinds that have an effort, and nearly reached.
fn aims(label: &str, curve: &Curve) {
    let expected: &[f64] = if curve.parameter.is_empty() { &[] } else { &TARGETS };
    let targets: Vec<_> = curve.targets.iter().filter_map(|point| point.recall_target).collect();
    assert_eq!(targets, expected, "{label}");
    for (target, point) in targets.iter().zip(&curve.targets) {
        assert!(point.effort.is_none() && point.recall > target - 0.1, "{label}, {target}: {point:?}");
    }
    let recalls: Vec<_> = curve.targets.iter().map(|point| point.recall).collect();
    assert!(recalls.windows(2).all(|pair| pair[0] <= pair[1] + 0.02), "{label}: {recalls:?}");
    assert!(curve.points.iter().all(|point| point.recall_target.is_none()), "{label}");
}

#[test]
fn reports_are_json_and_drawings_xml() {
    let mut plan = plan("outputs");
    plan.contenders = kinds::parse("HNSW:M=8;IVF_FLAT:nlist=32;IVF_SQ8").expect("kinds");
    plan.refine_k = vec![1.0, 3.0];
    plan.filters = vec![100.0, 20.0];
    plan.targets = vec![0.9];
    plan.base = {
        let odd = plan.base.with_file_name("a<b>&\"c.fvecs");
        std::fs::rename(&plan.base, &odd).expect("renames");
        odd
    };
    plan.keep = Some(folder("outputs").join("kept"));
    let report = sweep(&plan).expect("runs");
    let json: Value = serde_json::from_str(&report.to_json()).expect("JSON");
    assert_eq!(
        (&json["rows"], &json["dimensions"], &json["metric"]),
        (&3_000.into(), &16.into(), &"L2".into())
    );
    assert_eq!(
        (&json["kinds"][0]["params"]["M"], &json["kinds"][1]["label"]),
        (&"8".into(), &"IVF_FLAT nlist=32".into())
    );
    assert!(json["kinds"][0]["build_seconds"].as_f64().is_some());
    let point = &json["kinds"][1]["curves"][1]["points"][0];
    assert!(
        ["recall", "recall_worst", "queries_per_second", "batch_queries_per_second", "p50_ms", "p99_ms"]
            .iter()
            .all(|name| point[name].is_number())
    );
    let aimed = &json["kinds"][1]["curves"][1]["targets"];
    assert_eq!((aimed.as_array().map(Vec::len), &aimed[0]["recall_target"]), (Some(1), &0.9.into()));
    let svg = draw(&report);
    well_formed(&svg);
    assert_eq!(svg.matches("<polyline").count(), 8, "only IVF_SQ8 has refine_k");
    assert!(
        svg.contains("a&lt;b&gt;&amp;&quot;c") && svg.contains("IVF_FLAT nlist=32, filter 20 %"),
        "{svg}"
    );
    assert!(!svg.contains("NaN") && !svg.contains("inf"));
    let table = report.to_string();
    assert!(table.contains("HNSW M=8"));
    assert_eq!(table.matches("\n   target  recall  worst 5 %").count(), 8, "{table}");
    assert_eq!(table.matches("\n      0.9  ").count(), 8, "{table}");
    plan.targets.clear();
    let again = sweep(&plan).expect("runs");
    assert!(!again.to_string().contains("target"), "no targets, no table of them");
    assert!(again.kinds.iter().all(|kind| kind.build_seconds.is_none()), "kept indexes are not built again");
    for file in std::fs::read_dir(plan.keep.as_ref().expect("a folder")).expect("files") {
        std::fs::write(file.expect("a file").path(), b"another version").expect("writes");
    }
    let anew = sweep(&plan).expect("runs");
    assert!(anew.kinds.iter().all(|kind| kind.build_seconds.is_some()), "unless they cannot be opened");
}

/// Tags match and nothing but tags has angle brackets.
fn well_formed(xml: &str) {
    let mut open = Vec::new();
    for tag in xml.split('<').skip(1) {
        let (tag, text) = tag.split_once('>').expect("tags end");
        assert!(!text.contains('>'), "{text}");
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
        let name = tag.split_whitespace().next().unwrap_or_default();
        match name.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name)),
            None if tag.ends_with('/') => {}
            None => open.push(name),
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn what_does_not_fit_is_refused_before_the_long_work() {
    let plan = plan("wrong");
    let message = |plan: Plan| sweep(&plan).expect_err("refused").message().to_owned();
    let narrow = plan.queries.with_file_name("narrow.fvecs");
    save(&narrow, &[vec![1.0; DIM - 1]]);
    let text = message(Plan { queries: narrow, ..plan.clone() });
    assert!(text.contains("narrow.fvecs") && text.contains("16 dimensions, queries 15"), "{text}");
    let text = message(Plan { truth: Some(plan.base.clone()), ..plan.clone() });
    assert!(text.contains("base.fvecs: expected row numbers"), "{text}");
    let text = message(Plan { metric: Metric::Ip, ..plan.clone() });
    assert!(text.contains("truth.ivecs") && text.contains("another metric"), "{text}");
    let text = message(Plan { rows: 100, ..plan.clone() });
    assert!(text.contains("there are rows 0 to 99"), "{text}");
    assert!(message(Plan { seconds: f64::INFINITY, ..plan.clone() }).contains("is inf, expected 0 to 3600"));
    assert!(message(Plan { filters: vec![f64::NAN], ..plan.clone() }).contains("percentage is NaN"));
    assert!(message(Plan { refine_k: vec![0.5], ..plan.clone() }).contains("refine_k is 0.5"));
    let text = message(Plan { targets: vec![0.9, 1.0], ..plan.clone() });
    assert!(text.contains("recall_target") && text.contains("[0.500000, 0.999000]"), "{text}");
    assert!(message(Plan { k: 0, ..plan.clone() }).contains("k is 0"));
    assert!(message(Plan { k: 11, ..plan.clone() }).contains("expected at least k = 11"));
    let text = message(Plan { contenders: kinds::parse("HNSW:m=8").unwrap(), ..plan });
    assert!(text.contains("HNSW has no parameter m"), "{text}");
}
