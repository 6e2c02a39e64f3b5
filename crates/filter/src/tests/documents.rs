//! JSON, arrays, texts, arithmetic and null tests over a few rows.

use super::{Rows, column};
use crate::compile;
use elanus_types::input::FilterText;
use elanus_types::{CollectionSchema, DataType, FieldSchema, Value};

pub(super) fn schema() -> CollectionSchema {
    let mut fields = vec![
        FieldSchema::new(100, "id", DataType::Int64),
        FieldSchema::new(101, "n", DataType::Int8),
        FieldSchema::new(102, "d", DataType::Double),
        FieldSchema::new(103, "s", DataType::VarChar),
        FieldSchema::new(104, "j", DataType::Json),
        FieldSchema::new(105, "a", DataType::Array),
        FieldSchema::new(106, "t", DataType::Array),
        FieldSchema::new(107, "$meta", DataType::Json),
        FieldSchema::new(108, "v", DataType::FloatVector),
    ];
    fields[1].nullable = true;
    fields[4].nullable = true;
    fields[5].nullable = true;
    fields[5].element_type = Some(DataType::Int64);
    fields[6].element_type = Some(DataType::VarChar);
    fields[7].dynamic = true;
    CollectionSchema { fields, ..CollectionSchema::default() }
}

fn rows() -> Rows {
    let text = |s: &str| Value::Str(s.to_owned());
    let ints = |list: &[i64]| Value::Array(list.iter().map(|i| Value::Int(*i)).collect());
    let texts = |list: &[&str]| Value::Array(list.iter().map(|s| text(s)).collect());
    let values = [
        (0..5).map(Value::Int).collect::<Vec<_>>(),
        vec![Value::Int(7), Value::Null, Value::Int(-7), Value::Int(127), Value::Int(0)],
        [0.5, 1.0, -2.0, 3.0, 4.0].map(Value::Float).to_vec(),
        vec![text("50%"), text("abc"), text("aéc"), text(""), text("xabcx")],
        vec![
            text(r#"{"k": 1, "x": {"y": [10, {"z": "deep"}]}, "l": [1, 2.0, "a", [1, 2]]}"#),
            text(r#"{"k": "1", "e": {}, "q\"": true, "n": null, "l": []}"#),
            Value::Null,
            text(r#"{"k": 9007199254740993, "l": "no", "f": 1.0, "e": [{}, []]}"#),
            text(r#"[5, 6]"#),
        ],
        vec![ints(&[1, 2, 3]), ints(&[]), Value::Null, ints(&[2, 2]), ints(&[5])],
        vec![texts(&["a"]), texts(&["b", "a"]), texts(&[]), texts(&["c"]), texts(&["a", "a"])],
        [r#"{"color": "red", "size": 3}"#, r#"{"color": "blue"}"#, "{}", r#"{"size": 4.5}"#, "{}"]
            .map(text)
            .to_vec(),
    ];
    let columns = schema().fields.iter().zip(&values).map(|(f, v)| (f.id, column(f, v))).collect();
    Rows { rows: 5, columns }
}

fn check(cases: &[(&str, &[usize])]) {
    for (expression, expected) in cases {
        let mut filter = FilterText::new(*expression);
        filter.templates.insert("one".to_owned(), Value::Int(1));
        filter.templates.insert("list".to_owned(), Value::Array(vec![Value::Int(1), Value::Int(2)]));
        filter.templates.insert("p".to_owned(), Value::Str("%bc%".to_owned()));
        let predicate =
            compile(&filter, &schema()).unwrap_or_else(|error| panic!("{error}")).expect("not blank");
        let passing: Vec<usize> = predicate.evaluate(&rows()).expect("evaluates").iter().collect();
        assert_eq!(passing, *expected, "{expression}");
    }
}

#[test]
fn json_paths_and_dynamic_keys() {
    check(&[
        (r#"j["k"] == 1"#, &[0]),
        (r#"j["k"] == {one}"#, &[0]),
        (r#"j["k"] != 1"#, &[3]),
        (r#"not (j["k"] == 1)"#, &[3]),
        (r#"j["k"] == "1""#, &[1]),
        (r#"j["k"] == 9007199254740992"#, &[]),
        (r#"j["k"] == 9007199254740993"#, &[3]),
        (r#"j["f"] == 1 and j["k"] > 1"#, &[3]),
        (r#"j["x"]["y"][0] in [10, 11]"#, &[0]),
        (r#"j["k"] in [1, 2.5]"#, &[0]),
        (r#"j["x"]["y"][1]["z"] like "d%p""#, &[0]),
        (r#"j["l"] == [1, 2, "a", [1, 2]]"#, &[0]),
        (r#"j["l"] != [1]"#, &[0, 1]),
        (r#"j["q\""] == true"#, &[1]),
        (r#"0 < j["k"] < 5"#, &[0]),
        (r#"j["k"] + 1 == 2"#, &[0]),
        (r#"j[0] == 5"#, &[4]),
        (r#"color == "red""#, &[0]),
        (r#"$meta["color"] != "red""#, &[1]),
        ("size >= 3 or color like \"b%\"", &[0, 1, 3]),
        ("size / 2 < 2.3", &[0, 3]),
        ("size % 2 == 1", &[0]),
    ]);
}

#[test]
fn presence_and_nulls() {
    check(&[
        (r#"exists j["e"]"#, &[]),
        (r#"exists j["k"] or exists color"#, &[0, 1, 3]),
        (r#"not exists j["k"]"#, &[2, 4]),
        (r#"j["n"] is null"#, &[0, 1, 2, 3, 4]),
        (r#"j["k"] is not null"#, &[0, 1, 3]),
        ("j is null", &[2]),
        ("n is not null", &[0, 2, 3, 4]),
        ("id is null", &[]),
        ("color is null", &[2, 3, 4]),
        ("n == 1 or true", &[0, 1, 2, 3, 4]),
    ]);
}

#[test]
fn arrays() {
    check(&[
        ("array_contains(a, 2)", &[0, 3]),
        ("not ARRAY_CONTAINS(a, 2)", &[1, 4]),
        ("array_contains_all(a, {list})", &[0]),
        ("array_contains_any(a, [5, 3])", &[0, 4]),
        ("json_contains_any(a, [])", &[]),
        ("array_contains_all(a, [])", &[0, 1, 2, 3, 4]),
        (r#"array_contains(t, "a") and array_length(t) == 2"#, &[1, 4]),
        ("array_length(a) == 0", &[1]),
        ("a[0] == 2", &[3]),
        ("a[1] > 1", &[0, 3]),
        ("a[0] + 1 == 3", &[3]),
        ("a == [2, 2]", &[3]),
        ("a != [2, 2]", &[0, 1, 4]),
        (r#"json_contains(j["l"], 2)"#, &[0]),
        (r#"JSON_CONTAINS(j["l"], [1, 2])"#, &[0]),
        (r#"not json_contains(j["l"], 2)"#, &[1]),
        (r#"json_contains_all(j["l"], [1, "a"])"#, &[0]),
        (r#"json_contains_any(j["l"], ["z", 1.0])"#, &[0]),
        (r#"array_length(j["l"]) >= 0"#, &[0, 1]),
    ]);
}

#[test]
fn texts_and_arithmetic() {
    check(&[
        (r#"s like "50\%""#, &[0]),
        (r#"s like "a_c""#, &[1, 2]),
        ("s like {p}", &[1, 4]),
        (r#"not s like "%abc%""#, &[0, 2, 3]),
        (r#"s =~ "^a.c$""#, &[1, 2]),
        (r#"s !~ "\d+""#, &[1, 2, 3, 4]),
        ("empty(s)", &[3]),
        (r#"starts_with(s, "a")"#, &[1, 2]),
        ("n + 1 > 127", &[3]),
        ("n % 3 == -1", &[2]),
        ("n / 2 == -3", &[2]),
        ("2 * n == 14", &[0]),
        ("(n & 1) == 1", &[0, 2, 3]),
        ("n * 1.5 == 10.5", &[0]),
        ("d - 1 == 0", &[1]),
        ("n > id", &[0, 3]),
        ("id == d", &[1, 3, 4]),
        ("id == 2 ** 2 - 1", &[3]),
    ]);
}
