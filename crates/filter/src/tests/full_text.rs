//! Searches for words: what is understood, what is refused, and that nothing answers them yet.

use super::refusal;
use crate::compile;
use elanus_types::input::FilterText;
use elanus_types::{CollectionSchema, DataType, ErrorKind, FieldSchema, Value};

fn schema() -> CollectionSchema {
    let mut fields = vec![
        FieldSchema::new(100, "id", DataType::Int64),
        FieldSchema::new(101, "text", DataType::VarChar),
        FieldSchema::new(102, "plain", DataType::VarChar),
        FieldSchema::new(103, "$meta", DataType::Json),
    ];
    fields[0].primary_key = true;
    let param = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    fields[1].type_params = vec![param("enable_analyzer", "true"), param("enable_match", "True")];
    fields[2].type_params = vec![param("enable_match", "false")];
    fields[3].dynamic = true;
    CollectionSchema { fields, ..CollectionSchema::default() }
}

#[test]
fn searches_for_words_bind_and_wait_for_an_index() {
    let mut filter = FilterText::default();
    filter.templates.insert("words".into(), Value::Str("quick fox".into()));
    filter.templates.insert("n".into(), Value::Int(2));
    for (text, function) in [
        ("text_match(text, 'quick fox')", "text_match"),
        ("TEXT_MATCH(text, {words}, minimum_should_match = {n})", "text_match"),
        ("id > 1 and not text_match(text, 'a', minimum_should_match = 1000)", "text_match"),
        ("text_match_fuzzy(text, {words}, max_edit_distance = 2)", "text_match_fuzzy"),
        ("phrase_match(text, 'quick fox')", "phrase_match"),
        ("PHRASE_MATCH(text, {words}, 4294967295) or id == 1", "phrase_match"),
    ] {
        filter.expression = text.to_owned();
        let predicate = crate::parse(text).and_then(|expr| crate::bind(&expr, &schema(), &filter.templates));
        assert!(predicate.unwrap_or_else(|error| panic!("{error}")).fields().contains(&101));
        let error = compile(&filter, &schema()).expect_err(text);
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert_eq!(error.message(), format!("{function} is not supported yet, use like or =~"));
    }
}

#[test]
fn refusals() {
    for (text, cause) in [
        ("text_match(plain, 'a')", "field \"plain\" does not enable match"),
        ("phrase_match(plain, 'a')", "field \"plain\" does not enable match"),
        ("text_match(id, 'a')", "text match operation on non-string is unsupported"),
        ("text_match(color, 'a')", "text match operation on non-string is unsupported"),
        ("phrase_match(id, 'a')", "phrase match operation on non-string is unsupported"),
        ("text_match(text, 5)", "text_match needs a text to look for, but got: 5"),
        ("text_match(text, plain)", "text_match needs a text to look for"),
        ("text_match(text)", "text_match takes 2 arguments, got 1"),
        ("text_match(text, 'a', 2)", "text_match takes 2 arguments, got 3"),
        ("text_match(text, 'a', minimum_should_match = 0)", "minimum_should_match should be >= 1, got 0"),
        (
            "text_match(text, 'a', minimum_should_match = 1001)",
            "minimum_should_match should be <= 1000, got 1001",
        ),
        (
            "text_match(text, 'a', minimum_should_match = 'x')",
            "minimum_should_match should be a const integer",
        ),
        ("text_match(text, 'a', max_edit_distance = 1)", "text_match has no option max_edit_distance"),
        (
            "text_match_fuzzy(text, 'a', max_edit_distance = 3)",
            "max_edit_distance should be in [0, 2], got 3",
        ),
        (
            "text_match_fuzzy(text, 'a', max_edit_distance = -1)",
            "max_edit_distance should be in [0, 2], got -1",
        ),
        ("text_match_fuzzy(text, 'a')", "text_match_fuzzy needs max_edit_distance"),
        ("phrase_match(text, 'a', -1)", "\"slop\" should not be a negative interger. \"slop\" passed: -1"),
        (
            "phrase_match(text, 'a', 4294967296)",
            "\"slop\" exceeds the range of \"uint32\". \"slop\" passed: 4294967296",
        ),
        ("phrase_match(text, 'a', 1.5)", "\"slop\" should be a const integer"),
        (
            "phrase_match(text, 'a', minimum_should_match = 1)",
            "phrase_match has no option minimum_should_match",
        ),
    ] {
        let refusal = refusal(&FilterText::new(text), &schema());
        assert!(refusal.contains(cause), "{text}: {refusal}");
    }
}
