//! What is refused, and that nothing panics.

use super::documents::schema;
use crate::{compile, compile_delete};
use elanus_types::ErrorKind;
use elanus_types::input::FilterText;

#[test]
fn refusals_name_their_cause() {
    let cases = [
        ("id == ", "line 1:"),
        ("v == 1", "comparisons between FloatVector and Int64 are not supported"),
        ("id == \"x\"", "comparisons between Int64 and VarChar are not supported"),
        ("id == 1.5", "cannot cast value to Int64"),
        ("id in [\"x\"]", "in list cannot be casted to Int64"),
        ("a == 1", "can not comparisons array fields directly"),
        ("a[\"x\"] == 1", "can only access array field with integer index"),
        ("3 < id < 2", "lowerbound is greater than upperbound"),
        ("id + n == 1", "between multiple fields"),
        ("10 - id == 1", "subtract field is not yet supported"),
        ("id / 0 == 1", "division or modulus by zero"),
        ("1 / 0 == 1", "cannot divide by zero"),
        ("d % 2 == 1", "modulo can only apply on integer types"),
        ("s + 1 == 1", "add cannot apply on string field"),
        ("id + 1 + 1 == 1", "complicated arithmetic operations are not supported"),
        ("id like \"a\"", "like operation on non-string or no-json field is unsupported"),
        ("s =~ \"(\"", "invalid regex pattern"),
        ("exists id", "only supportted on json field, got:Int64"),
        ("exists j", "only supportted on json key"),
        ("v is null", "not supported on vector fields"),
        ("json_contains(s, 1)", "only supported on json or array fields now, got: VarChar"),
        ("array_contains_all(a, 1)", "array_contains_all operation element must be an array"),
        ("array_contains(a, \"x\")", "array element type: Int64 and VarChar"),
        ("match_any(s, id > 1)", "field s is not a struct array field"),
        ("foo(s, 1)", "function foo(varchar, int64) not found"),
        ("id == {missing}", "{missing} is not found"),
        ("id", "predicate is not a boolean expression: id, data type: Int64"),
        ("id == null", "NULL literal is not supported"),
    ];
    for (expression, cause) in cases {
        let error = compile(&FilterText::new(expression), &schema()).expect_err(expression);
        assert!(error.message().starts_with("failed to create query plan: "), "{error}");
        assert!(error.message().contains(cause), "{expression}: {error}");
    }
    assert!(compile_delete(&FilterText::new("id >= 0 or true"), &schema()).is_err());
}

#[test]
fn size_is_no_danger() {
    let deep = format!("{}id == 1{}", "(".repeat(10_000), ")".repeat(10_000));
    assert!(compile(&FilterText::new(deep), &schema()).is_err());
    let nots = format!("{} true", "not ".repeat(100_000));
    assert!(compile(&FilterText::new(nots), &schema()).is_err());
    let keys: Vec<String> = (0..100_000).map(|key| key.to_string()).collect();
    let long = format!("id in [{}]", keys.join(","));
    let predicate = compile(&FilterText::new(long), &schema()).expect("compiles").expect("not blank");
    assert_eq!(predicate.primary_keys(100).map(|keys| keys.len()), Some(100_000));
    let chain = vec!["id == 1"; 50_000].join(" or ");
    assert!(compile(&FilterText::new(chain), &schema()).is_ok());
}

#[test]
fn token_soup_never_panics() {
    let words = [
        "id",
        "n",
        "s",
        "j",
        "a",
        "t",
        "v",
        "$meta",
        "color",
        "j[\"k\"]",
        "a[0]",
        "1",
        "-1",
        "2.5",
        "0",
        "\"x\"",
        "'%a_'",
        "true",
        "[",
        "]",
        "(",
        ")",
        "{",
        "x",
        "}",
        ",",
        "==",
        "!=",
        "<",
        "<=",
        ">",
        "+",
        "-",
        "*",
        "/",
        "%",
        "**",
        "&",
        "|",
        "^",
        "~",
        "<<",
        "and",
        "or",
        "not",
        "in",
        "not in",
        "like",
        "=~",
        "!~",
        "is null",
        "is not null",
        "exists",
        "array_contains",
        "json_contains_all",
        "array_length",
        "foo",
        "text_match",
        "[1, 2]",
        "[]",
        "[1, \"a\"]",
        "9223372036854775807",
        "null",
    ];
    let mut random = fastrand::Rng::with_seed(11);
    for _ in 0..100_000 {
        let soup: Vec<&str> = (0..random.usize(1..12)).map(|_| words[random.usize(0..words.len())]).collect();
        let _ = compile(&FilterText::new(soup.join(" ")), &schema());
    }
}

/// Clients know no other code for a filter that cannot be read.
#[test]
fn refusals_have_the_frame_of_the_plan() {
    let filter = FilterText::new("match_all(s, id > 1)");
    let query = compile(&filter, &schema()).expect_err("no struct array");
    let delete = compile_delete(&filter, &schema()).expect_err("no struct array");
    for (error, frame) in [(query, "query"), (delete, "delete")] {
        let expected = format!(
            "failed to create {frame} plan: cannot parse expression: match_all(s, id > 1), error: field s is not a struct array field: invalid parameter"
        );
        assert_eq!((error.kind(), error.message()), (ErrorKind::InvalidParameter, expected.as_str()));
    }
}
