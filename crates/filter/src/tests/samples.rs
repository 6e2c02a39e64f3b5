//! Random samples.

use super::{Rows, column, refusal};
use crate::{compile, compile_delete};
use elanus_kernels::Bitmap;
use elanus_types::input::FilterText;
use elanus_types::{CollectionSchema, DataType, FieldSchema, Value};

fn schema() -> CollectionSchema {
    let mut fields =
        vec![FieldSchema::new(100, "id", DataType::Int64), FieldSchema::new(101, "n", DataType::Int64)];
    fields[0].primary_key = true;
    CollectionSchema { fields, ..CollectionSchema::default() }
}

fn sampled(text: &str) -> Bitmap {
    let schema = schema();
    let numbers: Vec<Value> = (0..1000).map(Value::Int).collect();
    let rows =
        Rows { rows: 1000, columns: schema.fields.iter().map(|f| (f.id, column(f, &numbers))).collect() };
    let predicate = compile(&FilterText::new(text), &schema).expect("compiles").expect("not blank");
    assert!(!predicate.is_always_true() && predicate.primary_keys(100).is_none());
    let mut map = predicate.evaluate(&rows).expect("evaluates");
    let all = map.clone();
    predicate.sample(&mut map);
    assert!(map.iter().all(|row| all.get(row)), "no row comes in that did not pass");
    map
}

#[test]
fn a_part_of_what_passes_the_rest_is_kept() {
    for (text, count) in [
        ("random_sample(0.25)", 250),
        ("RANDOM_SAMPLE(0.0001)", 1),
        ("random_sample(0.9999)", 999),
        ("n < 10 and random_sample(0.55)", 5),
        ("n < 10 and id > 4 and random_sample(0.5)", 2),
        ("n < 10 and (id > 4 and random_sample(0.5))", 2),
        ("(n < 3 or n > 996) and random_sample(0.5)", 3),
        ("id in [1, 2, 3] and random_sample(0.5)", 1),
        ("id == 4 and random_sample(0.1)", 1),
        ("n < 0 and random_sample(0.5)", 0),
    ] {
        assert_eq!(sampled(text).count(), count, "{text}");
    }
    assert!(
        (0..10).any(|_| sampled("random_sample(0.5)") != sampled("random_sample(0.5)")),
        "never the same"
    );
    let mut hits = vec![0; 1000];
    (0..200).for_each(|_| sampled("random_sample(0.5)").iter().for_each(|row| hits[row] += 1));
    assert!(hits.iter().all(|hits| (40..160).contains(hits)), "every row is as likely as any other");
}

#[test]
fn refusals() {
    let range = "the sample factor should be between 0 and 1 and not too close to 0 or 1(the difference should be larger than 1e-10), but got ";
    let last = "random sample expression can only be the last expression in the logical and expression";
    let or = "random sample expression cannot be used in logical and expression";
    for (text, cause) in [
        ("random_sample(0)", range),
        ("random_sample(1.0)", range),
        ("random_sample(1.5)", range),
        ("random_sample(-0.5)", range),
        ("random_sample(0.00000000001)", range),
        ("random_sample('x')", "the sample factor should be a number"),
        ("random_sample(n)", "the sample factor should be a number"),
        ("random_sample()", "random_sample takes 1 arguments, got 0"),
        ("random_sample(0.5) and n > 1", last),
        ("n > 1 and random_sample(0.5) and n > 2", last),
        ("random_sample(0.5) and random_sample(0.5)", last),
        ("n > 1 or random_sample(0.5)", or),
        ("random_sample(0.5) or n > 1", or),
        ("n > 1 or (n < 5 and random_sample(0.5))", or),
        ("not random_sample(0.5)", "random sample expression cannot be used in unary expression"),
        ("not (n > 1 and random_sample(0.5))", "random sample expression cannot be used in unary expression"),
        ("random_sample(0.5) == true", "incompatible operands"),
    ] {
        let refusal = refusal(&FilterText::new(text), &schema());
        assert!(refusal.contains(cause), "{text}: {refusal}");
    }
}

#[test]
fn a_sample_is_not_everything() {
    assert!(compile_delete(&FilterText::new("random_sample(0.5)"), &schema()).is_ok());
    let mut filter = FilterText::new("random_sample({part})");
    filter.templates.insert("part".into(), Value::Float(0.5));
    assert!(compile(&filter, &schema()).is_ok());
}
