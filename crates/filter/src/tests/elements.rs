//! Struct arrays: their parts, and predicates over their elements.

use super::{Rows, column};
use crate::{Predicate, compile, compile_delete};
use elanus_types::input::FilterText;
use elanus_types::{CollectionSchema, DataType, FieldSchema, Result, StructSchema, Value};
use fastrand::Rng;

#[derive(Clone, Debug)]
struct Element {
    n: i64,
    t: &'static str,
    f: bool,
}

/// The elements of every row; `None` = null.
type Structs = Vec<Option<Vec<Element>>>;

fn schema() -> CollectionSchema {
    let part = |id, name: &str, element| FieldSchema {
        element_type: Some(element),
        nullable: true,
        max_capacity: 9,
        ..FieldSchema::new(id, format!("s[{name}]"), DataType::Array)
    };
    let vectors =
        FieldSchema { data_type: DataType::ArrayOfVector, dim: 2, ..part(106, "v", DataType::FloatVector) };
    let fields = vec![
        FieldSchema { primary_key: true, ..FieldSchema::new(100, "id", DataType::Int64) },
        FieldSchema { element_type: Some(DataType::Int64), ..FieldSchema::new(101, "a", DataType::Array) },
        part(103, "n", DataType::Int64),
        part(104, "t", DataType::VarChar),
        part(105, "f", DataType::Bool),
        vectors,
    ];
    let structure = StructSchema {
        id: 102,
        name: "s".into(),
        description: String::new(),
        nullable: true,
        max_capacity: 9,
        type_params: Vec::new(),
        fields: vec![103, 104, 105, 106],
    };
    CollectionSchema { fields, structs: vec![structure], ..CollectionSchema::default() }
}

fn source(rows: &Structs) -> Rows {
    let schema = schema();
    let part = |id: i64, value: &dyn Fn(&Element) -> Value| {
        let values: Vec<Value> = rows
            .iter()
            .map(|row| row.as_ref().map_or(Value::Null, |row| Value::Array(row.iter().map(value).collect())))
            .collect();
        (id, column(schema.field_by_id(id).expect("declared"), &values))
    };
    let ids: Vec<Value> = (0..rows.len() as i64).map(Value::Int).collect();
    let arrays = vec![Value::Array(Vec::new()); rows.len()];
    let columns = vec![
        (100, column(&schema.fields[0], &ids)),
        (101, column(&schema.fields[1], &arrays)),
        part(103, &|element| Value::Int(element.n)),
        part(104, &|element| Value::Str(element.t.into())),
        part(105, &|element| Value::Bool(element.f)),
        part(106, &|_| Value::Bytes(vec![0; 8])),
    ];
    Rows { rows: rows.len(), columns }
}

fn bound(text: &str) -> Result<Predicate> {
    compile(&FilterText::new(text), &schema()).map(|predicate| predicate.expect("not blank"))
}

fn passing(text: &str, rows: &Structs) -> Vec<usize> {
    let predicate = bound(text).unwrap_or_else(|error| panic!("{error}"));
    predicate.evaluate(&source(rows)).expect("evaluates").iter().collect()
}

fn random_rows(rng: &mut Rng) -> Structs {
    let element = |rng: &mut Rng| Element {
        n: rng.i64(0..5),
        t: rng.choice(["", "a", "ab", "b"]).expect("some"),
        f: rng.bool(),
    };
    (0..rng.usize(1..200))
        .map(|_| (rng.u8(..5) > 0).then(|| (0..rng.usize(0..5)).map(|_| element(rng)).collect()))
        .collect()
}

/// A predicate and what it means.
type Condition = (&'static str, fn(&Element) -> bool);

/// Whether so many passing elements of so many are enough.
type Suffices = Box<dyn Fn(usize, usize) -> bool>;

const CONDITIONS: &[Condition] = &[
    ("$[n] > 2", |e| e.n > 2),
    ("2 >= $[n]", |e| 2 >= e.n),
    ("$[n] in [1, 3]", |e| e.n == 1 || e.n == 3),
    ("$[n] not in [1, 3]", |e| e.n != 1 && e.n != 3),
    ("1 <= $[n] < 4", |e| (1..4).contains(&e.n)),
    ("$[n] % 2 == 0", |e| e.n % 2 == 0),
    ("$[t] == \"a\" and $[n] < 3", |e| e.t == "a" && e.n < 3),
    ("$[t] like \"a%\" or $[f] == true", |e| e.t.starts_with('a') || e.f),
    ("not ($[f] == true)", |e| !e.f),
    ("$[t] =~ \"b\"", |e| e.t.contains('b')),
    ("true", |_| true),
    ("1 == 2", |_| false),
];

#[test]
fn matches_are_those_of_a_naive_evaluator() {
    let mut rng = Rng::with_seed(21);
    for round in 0..300 {
        let rows = random_rows(&mut rng);
        let (text, holds) = CONDITIONS[round % CONDITIONS.len()];
        let count = rng.usize(0..4);
        let least = count.max(1);
        let cases: [(String, Suffices); 5] = [
            (format!("match_any(s, {text})"), Box::new(|hits, _| hits > 0)),
            (format!("MATCH_ALL(s, {text})"), Box::new(|hits, all| hits == all)),
            (format!("match_least(s, {text}, threshold = {least})"), Box::new(move |hits, _| hits >= least)),
            (format!("match_most(s, {text}, threshold = {count})"), Box::new(move |hits, _| hits <= count)),
            (format!("match_exact(s, {text}, threshold = {count})"), Box::new(move |hits, _| hits == count)),
        ];
        for (text, suffices) in cases {
            let truth = |row: &Option<Vec<Element>>| {
                row.as_ref().map(|row| suffices(row.iter().filter(|e| holds(e)).count(), row.len()))
            };
            let those = |wanted: Option<bool>| -> Vec<usize> {
                (0..rows.len()).filter(|row| truth(&rows[*row]) == wanted).collect()
            };
            assert_eq!(passing(&text, &rows), those(Some(true)), "{text}");
            assert_eq!(passing(&format!("not {text}"), &rows), those(Some(false)), "not {text}");
            let known = [those(Some(true)), those(None)].concat();
            let mut either = passing(&format!("s is null or {text}"), &rows);
            either.sort_unstable();
            assert_eq!(
                either,
                {
                    let mut known = known;
                    known.sort_unstable();
                    known
                },
                "{text}"
            );
        }
    }
}

#[test]
fn an_element_filter_chooses_elements_of_rows_that_pass() {
    let mut rng = Rng::with_seed(4);
    for round in 0..100 {
        let rows = random_rows(&mut rng);
        let (text, holds) = CONDITIONS[round % CONDITIONS.len()];
        let predicate = bound(&format!("id >= 3 and element_filter(s, {text})")).expect("legal");
        assert_eq!(predicate.element_field(), Some(103));
        let source = source(&rows);
        let expected: Vec<bool> = rows.iter().flatten().flatten().map(holds).collect();
        let elements = predicate.elements(&source).expect("there");
        assert_eq!((0..elements.len()).map(|i| elements.get(i)).collect::<Vec<_>>(), expected, "{text}");
        let some = |row: &usize| *row >= 3 && rows[*row].iter().flatten().any(holds);
        let expected: Vec<usize> = (0..rows.len()).filter(some).collect();
        assert_eq!(predicate.evaluate(&source).expect("evaluates").iter().collect::<Vec<_>>(), expected);
    }
    assert_eq!(bound("match_any(s, $[n] > 1)").expect("legal").element_field(), None);
}

#[test]
fn parts_are_lists() {
    let element = |n, t| Element { n, t, f: false };
    let rows = vec![
        Some(vec![element(1, "a"), element(2, "b")]),
        Some(Vec::new()),
        None,
        Some(vec![element(2, "b")]),
    ];
    let cases: &[(&str, &[usize])] = &[
        ("s is null", &[2]),
        ("s is not null", &[0, 1, 3]),
        ("s[v] is null", &[2]),
        ("s[n] is not null", &[0, 1, 3]),
        ("array_length(s[n]) == 2", &[0]),
        ("array_length(s[v]) < 2", &[1, 3]),
        ("array_contains(s[n], 2)", &[0, 3]),
        ("array_contains_all(s[t], [\"a\", \"b\"])", &[0]),
        ("not array_contains_any(s[n], [1])", &[1, 3]),
        ("s[0][n] == 2", &[3]),
        ("s[0][t] != \"x\"", &[0, 3]),
        ("s[1][n] == 2", &[0]),
        ("s[1][n] > s[0][n]", &[0]),
        ("not (s[1][n] == 2)", &[]),
    ];
    for (text, expected) in cases {
        assert_eq!(passing(text, &rows), *expected, "{text}");
    }
}

#[test]
fn rows_older_than_a_struct_array_are_unknown() {
    let mut old = source(&vec![Some(Vec::new())]);
    old.columns.retain(|(id, _)| *id < 102);
    for text in ["match_all(s, $[n] == 1)", "not match_any(s, $[n] == 1)", "array_length(s[n]) == 0"] {
        let predicate = bound(text).expect("legal");
        assert_eq!(predicate.evaluate(&old).expect("evaluates").count(), 0, "{text}");
        assert_eq!(predicate.unknown(&old).expect("evaluates").count(), 1, "{text}");
    }
    assert!(bound("element_filter(s, true)").expect("legal").elements(&old).is_none());
}

#[test]
fn refusals_name_their_cause() {
    let last = "element filter expression can only be the last expression in the logical and expression";
    let cases = [
        ("$[n] == 1", "$[x] syntax can only be used inside ElementFilter or MATCH_*"),
        ("element_filter(s, $[n] == 1) and id == 1", last),
        ("id == 1 or element_filter(s, $[n] == 1)", last),
        ("not element_filter(s, $[n] == 1)", last),
        ("element_filter(s, true) and element_filter(s, true)", last),
        ("match_any(s, id == 1)", "only $[x] can be used inside ElementFilter or MATCH_*, got: id"),
        (
            "match_any(s, array_length(s[n]) == 1)",
            "only $[x] can be used inside ElementFilter or MATCH_*, got: s[n]",
        ),
        ("match_any(s, s is null)", "only $[x] can be used"),
        ("match_any(s, match_any(s, true))", "match_any cannot stand inside ElementFilter or MATCH_*"),
        ("match_any(s, $[x] == 1)", "struct array field s has no field x"),
        ("match_any(s, $[v] == 1)", "comparisons between FloatVector and Int64 are not supported"),
        ("match_any(s, $[n])", "the predicate of match_any is not a boolean expression: $[n]"),
        ("match_any(s, $[n] == \"1\")", "comparisons between Int64 and VarChar are not supported"),
        ("match_any(a, true)", "field a is not a struct array field"),
        ("match_any(x, true)", "struct array field x not exist"),
        ("match_any(s)", "match_any takes 2 arguments, got 1"),
        ("match_any(1, true)", "the first argument of match_any must be a struct array field, got: 1"),
        ("match_least(s, true, threshold = 0)", "count in MATCH_LEAST must be positive, got: 0"),
        ("match_most(s, true, threshold = -1)", "count in MATCH_MOST cannot be negative, got: -1"),
        ("match_exact(s, true, threshold = 1.5)", "count in MATCH_EXACT must be an integer, got: 1.5"),
        ("match_exact(s, true)", "MATCH_EXACT needs the option threshold = N"),
        ("match_any(s, true, threshold = 1)", "match_any has no option threshold"),
        ("element_filter(s, true, threshold = 1)", "element_filter has no option threshold"),
        ("s == 1", "struct array field s can be tested for null"),
        ("s[0] == 1", "struct array field s can be tested for null"),
        ("s[\"n\"] == 1", "struct array field s can be tested for null"),
        ("s[n] == 1", "can not comparisons array fields directly"),
        ("s[0][v] == 1", "comparisons between FloatVector and Int64 are not supported"),
        ("s[0][1][n] == 1", "a part of a struct array is written s[x], s[0][x] or $[x]"),
        ("s[0][n] is null", "not supported on array element access"),
        ("a[n] == 1", "field a is not a struct array field"),
    ];
    for (text, cause) in cases {
        let error = bound(text).map(|_| ()).expect_err(text);
        assert!(error.message().contains(cause), "{text}: {error}");
    }
    assert!(compile_delete(&FilterText::new("match_any(s, $[n] == 1)"), &schema()).is_ok());
}
