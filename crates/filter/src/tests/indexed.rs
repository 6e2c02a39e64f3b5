//! Every index answers what comparing the rows answers: random rows, expressions and indexes.

use super::oracle::{expression, row, source};
use super::{Rows, column, documents};
use crate::index::{Answer, Body, Estimate, IndexSpec, Question, build_index, open_index};
use crate::{ColumnSource, FieldIndex};
use elanus_types::catalog::Properties;
use elanus_types::{CollectionSchema, Column, ColumnView, DataType, FieldId, FieldSchema, Value};
use fastrand::Rng;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Bytes that begin where numbers may.
struct Aligned(Vec<u64>, usize);

impl AsRef<[u8]> for Aligned {
    fn as_ref(&self) -> &[u8] {
        &bytemuck::cast_slice(&self.0)[..self.1]
    }
}

pub(crate) fn body(bytes: &[u8]) -> Body {
    let mut words = vec![0_u64; bytes.len().div_ceil(8)];
    bytemuck::cast_slice_mut(&mut words)[..bytes.len()].copy_from_slice(bytes);
    Arc::new(Aligned(words, bytes.len()))
}

/// An index that seems to cost nothing, so that it is used, and counts.
struct Eager(Arc<dyn FieldIndex>, Arc<AtomicUsize>);

impl FieldIndex for Eager {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn estimate(&self, question: &Question<'_>) -> Option<Estimate> {
        let estimate = self.0.estimate(question)?;
        Some(Estimate { nanos: 0, open: 0, ..estimate })
    }

    fn evaluate(&self, question: &Question<'_>) -> Option<Answer> {
        self.1.fetch_add(1, Ordering::Relaxed);
        let answer = self.0.evaluate(question);
        assert!(answer.is_some(), "{} estimated what it cannot answer", self.name());
        answer
    }

    fn distinct(&self) -> usize {
        self.0.distinct()
    }

    fn bytes(&self) -> usize {
        self.0.bytes()
    }
}

pub(crate) struct Indexed<'r> {
    pub(crate) rows: &'r Rows,
    pub(crate) indexes: Vec<(FieldId, Arc<dyn FieldIndex>)>,
}

impl ColumnSource for Indexed<'_> {
    fn rows(&self) -> usize {
        self.rows.rows
    }

    fn column(&self, field: FieldId) -> Option<ColumnView<'_>> {
        self.rows.column(field)
    }

    fn indexes(&self, field: FieldId) -> Vec<Arc<dyn FieldIndex>> {
        self.indexes.iter().filter(|(id, _)| *id == field).map(|(_, index)| Arc::clone(index)).collect()
    }
}

fn params(random: &mut Rng, field: &FieldSchema) -> (&'static str, Properties) {
    let mut params = Properties::new();
    let grams = |params: &mut Properties, least: usize, most: usize| {
        params.insert("min_gram".into(), least.to_string());
        params.insert("max_gram".into(), most.to_string());
    };
    let kind = match field.data_type {
        DataType::VarChar => *random.choice(&["INVERTED", "BITMAP", "STL_SORT", "TRIE", "NGRAM"]).unwrap(),
        DataType::Json => *random.choice(&["INVERTED", "NGRAM"]).unwrap(),
        DataType::Array => *random.choice(&["INVERTED", "BITMAP"]).unwrap(),
        _ => *random.choice(&["INVERTED", "BITMAP", "STL_SORT", "AUTOINDEX"]).unwrap(),
    };
    if kind == "NGRAM" {
        let least = random.usize(1..3);
        grams(&mut params, least, least + random.usize(0..2));
    }
    if field.data_type == DataType::Json {
        let paths = match field.dynamic {
            true => ["k", "c", "$meta[\"k\"]"].as_slice(),
            false => &["j[\"k\"]", "j[\"k\"][0]", "j", "j[\"l\"][\"m\"]", "j[\"q\\\"\"]", "j[1]"],
        };
        let casts = ["BOOL", "double", "VARCHAR", "ARRAY_BOOL", "ARRAY_DOUBLE", "ARRAY_VARCHAR"];
        let cast = if kind == "NGRAM" { "VARCHAR" } else { random.choice(&casts).unwrap() };
        params.insert("json_path".into(), (*random.choice(paths).unwrap()).to_owned());
        params.insert("json_cast_type".into(), cast.to_owned());
    }
    (kind, params)
}

fn index(spec: &IndexSpec, view: &ColumnView<'_>, used: &Arc<AtomicUsize>) -> Arc<dyn FieldIndex> {
    let bytes = build_index(spec, view).expect("suits the column");
    let open = open_index(body(&bytes), view.len()).expect("opens");
    assert!(open_index(body(&bytes), view.len() + 1).is_err(), "rows are checked");
    Arc::new(Eager(open, Arc::clone(used)))
}

/// Two indexes on every field, of JSON fields their frequent places or one of their own too.
fn indexes(
    random: &mut Rng,
    schema: &CollectionSchema,
    rows: &Rows,
    used: &Arc<AtomicUsize>,
) -> Vec<(FieldId, Arc<dyn FieldIndex>)> {
    let mut indexes = Vec::new();
    for field in schema.fields.iter().filter(|field| !field.data_type.is_vector()) {
        let Some(view) = rows.column(field.id) else { continue };
        for _ in 0..2 {
            let spec = match field.data_type == DataType::Json && random.bool() {
                true => IndexSpec::shredded(),
                false => {
                    let (kind, params) = params(random, field);
                    IndexSpec::from_params(field, kind, &params).expect("sound")
                }
            };
            indexes.push((field.id, index(&spec, &view, used)));
        }
    }
    indexes
}

#[test]
fn indexes_change_no_answer() {
    let rounds = std::env::var("FILTER_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(3_000);
    let used = Arc::new(AtomicUsize::new(0));
    for seed in 0..rounds {
        let mut random = Rng::with_seed(seed);
        let rows: Vec<_> = (0..random.usize(1..90)).map(|_| row(&mut random)).collect();
        let (rows, schema) = (source(&rows), documents::schema());
        let indexed = Indexed { rows: &rows, indexes: indexes(&mut random, &schema, &rows, &used) };
        for _ in 0..4 {
            let text = expression(&mut random, 2);
            let expr = crate::parse(&text).expect("parses");
            let Ok(predicate) = crate::bind(&expr, &schema, &BTreeMap::new()) else { continue };
            assert_eq!(predicate.evaluate(&indexed), predicate.evaluate(&rows), "seed {seed}: {text}");
            assert_eq!(
                predicate.unknown(&indexed),
                predicate.unknown(&rows),
                "seed {seed}: unknown of {text}"
            );
            let (explained, steps) = predicate.explain(&indexed, &schema);
            assert_eq!(Ok(explained), predicate.evaluate(&rows), "seed {seed}: explain of {text}");
            assert!(steps.iter().all(|step| step.rows <= step.asked), "seed {seed}: {text}: {steps:?}");
            relations(&mut random, &schema, &indexed, &text);
        }
    }
    assert!(used.load(Ordering::Relaxed) as u64 > rounds * 4, "indexes were used {used:?} times");
}

/// What must hold between answers, whatever they are.
fn relations(random: &mut Rng, schema: &CollectionSchema, rows: &Indexed<'_>, one: &str) {
    let other = expression(random, 1);
    let run = |text: String| {
        let predicate = crate::bind(&crate::parse(&text).ok()?, schema, &BTreeMap::new()).ok()?;
        Some((predicate.evaluate(rows).ok()?, predicate.unknown(rows).ok()?))
    };
    let (Some((yes, unknown)), Some((no, unsure))) = (run(format!("({one})")), run(format!("not ({one})")))
    else {
        return;
    };
    let mut all = yes.clone();
    all.or(&no);
    all.or(&unknown);
    assert_eq!(unknown, unsure, "unknown of {one} and of its opposite");
    assert_eq!(
        (all.count(), yes.count() + no.count() + unknown.count()),
        (rows.rows(), rows.rows()),
        "{one}"
    );
    for word in ["and", "or"] {
        let (ab, ba) = (run(format!("({one}) {word} ({other})")), run(format!("({other}) {word} ({one})")));
        assert_eq!(ab, ba, "({one}) {word} ({other})");
    }
}

fn one_column(field: &FieldSchema, values: &[Value]) -> Rows {
    let column: Column = column(field, values);
    Rows { rows: values.len(), columns: vec![(field.id, column)] }
}

#[test]
fn ranges_of_many_rows_come_from_checkpoints() {
    let mut random = Rng::with_seed(4);
    let used = Arc::new(AtomicUsize::new(0));
    for (data_type, spread) in [(DataType::Int64, 100_000), (DataType::Int16, 40), (DataType::Double, 700)] {
        let field = FieldSchema { nullable: true, ..FieldSchema::new(100, "x", data_type) };
        let schema = CollectionSchema { fields: vec![field.clone()], ..CollectionSchema::default() };
        let value = |random: &mut Rng| match (random.u8(0..9), data_type) {
            (0, _) => Value::Null,
            (1, DataType::Double) => Value::Float(f64::NAN),
            (2, DataType::Double) => Value::Float(-0.0),
            (_, DataType::Double) => Value::Float(random.i64(-spread..spread) as f64 / 4.0),
            _ => Value::Int(random.i64(-spread..spread)),
        };
        let values: Vec<Value> = (0..20_000).map(|_| value(&mut random)).collect();
        let rows = one_column(&field, &values);
        let spec = IndexSpec::from_params(&field, "STL_SORT", &Properties::new()).expect("sound");
        let open = index(&spec, &rows.column(100).expect("there"), &used);
        let indexed = Indexed { rows: &rows, indexes: vec![(100, open)] };
        for _ in 0..200 {
            let (low, high) = (random.i64(-spread..spread), random.i64(-spread..spread));
            let text = match random.u8(0..6) {
                0 => format!("x > {low}"),
                1 => format!("x <= {low}"),
                2 => format!("not (x == {low})"),
                3 => format!("x in [{low}, {high}, 0, 1, 2, 3]"),
                4 => format!("x + 3 != {high}"),
                _ => format!("{} <= x < {}", low.min(high), low.max(high) + 1),
            };
            let expr = crate::parse(&text).expect("parses");
            let predicate = crate::bind(&expr, &schema, &BTreeMap::new()).expect("binds");
            assert_eq!(predicate.evaluate(&indexed), predicate.evaluate(&rows), "{text}");
            assert_eq!(predicate.unknown(&indexed), predicate.unknown(&rows), "unknown of {text}");
        }
    }
}

#[test]
fn damage_never_panics() {
    let mut random = Rng::with_seed(9);
    let used = Arc::new(AtomicUsize::new(0));
    for seed in 0..300 {
        let rows: Vec<_> = (0..60).map(|_| row(&mut random)).collect();
        let (rows, schema) = (source(&rows), documents::schema());
        let field =
            schema.fields.iter().filter(|field| rows.column(field.id).is_some()).nth(random.usize(0..6));
        let field = field.expect("there");
        let view = rows.column(field.id).expect("there");
        let spec = match field.data_type == DataType::Json && random.bool() {
            true => IndexSpec::shredded(),
            false => {
                let (kind, params) = params(&mut random, field);
                IndexSpec::from_params(field, kind, &params).expect("sound")
            }
        };
        let mut bytes = build_index(&spec, &view).expect("suits the column");
        for _ in 0..random.usize(1..4) {
            let at = random.usize(0..bytes.len());
            bytes[at] = random.u8(..);
        }
        bytes.truncate(if random.u8(0..4) == 0 { random.usize(0..bytes.len()) } else { bytes.len() });
        let Ok(open) = open_index(body(&bytes), view.len()) else { continue };
        let eager: Arc<dyn FieldIndex> = Arc::new(Damaged(open, Arc::clone(&used)));
        let indexed = Indexed { rows: &rows, indexes: vec![(field.id, eager)] };
        for _ in 0..20 {
            let text = expression(&mut random, 2);
            let expr = crate::parse(&text).expect("parses");
            let Ok(predicate) = crate::bind(&expr, &schema, &BTreeMap::new()) else { continue };
            let found = predicate.evaluate(&indexed).expect("answers");
            assert_eq!(found.len(), rows.rows, "seed {seed}: {text}");
        }
    }
}

/// Like [`Eager`], of an index that may contradict itself.
struct Damaged(Arc<dyn FieldIndex>, Arc<AtomicUsize>);

impl FieldIndex for Damaged {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn estimate(&self, question: &Question<'_>) -> Option<Estimate> {
        Some(Estimate { nanos: 0, open: 0, ..self.0.estimate(question)? })
    }

    fn evaluate(&self, question: &Question<'_>) -> Option<Answer> {
        self.1.fetch_add(1, Ordering::Relaxed);
        self.0.evaluate(question)
    }

    fn distinct(&self) -> usize {
        self.0.distinct()
    }

    fn bytes(&self) -> usize {
        self.0.bytes()
    }
}
