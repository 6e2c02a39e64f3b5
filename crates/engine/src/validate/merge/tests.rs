use super::*;
use crate::validate::rows::tests::{array, field, flagged, insert, meta, sent};
use elanus_types::input::{InputData, InputField};

fn partial(rows: usize, fields: Vec<InputField>, ops: &[(&str, FieldOp)]) -> InsertRequest {
    let field_ops = ops.iter().map(|(name, op)| ((*name).to_owned(), *op)).collect();
    InsertRequest { mode: InsertMode::Upsert { partial: true, field_ops }, ..insert(rows, fields) }
}

fn keys(keys: &[i64]) -> InputField {
    sent("id", InputData::Long(keys.to_vec()))
}

fn json(texts: &[&str]) -> InputData {
    InputData::Json(texts.iter().map(|text| text.as_bytes().to_vec().into()).collect())
}

fn lists(rows: &[&[i64]]) -> InputData {
    InputData::Array(rows.iter().map(|row| InputData::Long(row.to_vec())).collect())
}

fn column(field: &FieldSchema, values: &[Value]) -> (FieldId, Column) {
    let mut column = ColumnBuilder::for_field(field);
    values.iter().for_each(|value| assert!(column.push(value)));
    (field.id, column.finish())
}

fn list(items: &[i64]) -> Value {
    Value::Array(items.iter().map(|item| Value::Int(*item)).collect())
}

fn fields() -> Vec<FieldSchema> {
    let nullable = |field: FieldSchema| FieldSchema { nullable: true, ..field };
    vec![
        field(100, "id", DataType::Int64),
        field(101, "a", DataType::Int64),
        nullable(field(102, "n", DataType::Double)),
        FieldSchema { default: Some(Value::Str("d".into())), ..field(103, "d", DataType::VarChar) },
        nullable(array(104, "l", DataType::Int64)),
        field(105, "$meta", DataType::Json),
    ]
}

/// Two stored rows, of keys 10 and 20.
fn old(fields: &[FieldSchema]) -> Vec<(FieldId, Column)> {
    vec![
        column(&fields[0], &[Value::Int(10), Value::Int(20)]),
        column(&fields[1], &[Value::Int(1), Value::Int(2)]),
        column(&fields[2], &[Value::Float(0.5), Value::Null]),
        column(&fields[3], &[Value::Str("x".into()), Value::Str("y".into())]),
        column(&fields[4], &[list(&[1, 2, 1]), Value::Null]),
        column(&fields[5], &[Value::Str(r#"{"c":1,"e":2}"#.into()), Value::Str("{}".into())]),
    ]
}

fn values(batch: &RowBatch, field: FieldId) -> Vec<Value> {
    let view = batch.column(field).map(Column::view);
    view.map(|view| (0..batch.rows).map(|row| view.value(row)).collect()).unwrap_or_default()
}

fn merge(request: &InsertRequest, found: &[Option<u32>]) -> Result<RowBatch> {
    let fields = fields();
    let meta = meta(fields.clone());
    PartialRows::check(&meta, request, &Limits::default(), |_| 500)?.merge(&old(&fields), found)
}

fn said(request: &InsertRequest, found: &[Option<u32>]) -> String {
    merge(request, found).map_or_else(|error| format!("{} {error}", error.kind().code()), |_| "ok".into())
}

#[test]
fn fields_not_sent_keep_their_values() -> Result<()> {
    let request = partial(
        3,
        vec![
            keys(&[20, 30, 10]),
            sent("a", InputData::Long(vec![7, 8, 9])),
            sent("$meta", json(&[r#"{"z":0}"#, r#"{"z":1}"#, r#"{"e":null}"#])),
        ],
        &[],
    );
    let batch = merge(&request, &[Some(1), None, Some(0)])?;
    assert_eq!(values(&batch, 100), [Value::Int(20), Value::Int(30), Value::Int(10)]);
    assert_eq!(values(&batch, 101), [Value::Int(7), Value::Int(8), Value::Int(9)]);
    assert_eq!(values(&batch, 102), [Value::Null, Value::Null, Value::Float(0.5)]);
    let texts = |texts: [&str; 3]| texts.map(|text| Value::Str(text.into()));
    assert_eq!(values(&batch, 103), texts(["y", "d", "x"]));
    assert_eq!(values(&batch, 104), [Value::Null, Value::Null, list(&[1, 2, 1])]);
    assert_eq!(values(&batch, 105), texts([r#"{"z":0}"#, r#"{"z":1}"#, r#"{"c":1,"e":null}"#]));
    assert_eq!(batch.columns.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [100, 101, 102, 103, 104, 105]);
    Ok(())
}

#[test]
fn an_explicit_null_is_stored() -> Result<()> {
    let request = partial(1, vec![keys(&[10]), flagged("n", InputData::Double(vec![]), &[false])], &[]);
    assert_eq!(values(&merge(&request, &[Some(0)])?, 102), [Value::Null]);
    Ok(())
}

#[test]
fn arrays_grow_and_shrink() -> Result<()> {
    let all = &[Some(0), Some(1), None];
    let request = |sent_lists: &[&[i64]], op| {
        let fields = vec![
            keys(&[10, 20, 30]),
            sent("a", InputData::Long(vec![0; 3])),
            flagged("l", lists(sent_lists), &[true, true, true]),
        ];
        partial(3, fields, &[("l", op)])
    };
    let removed = merge(&request(&[&[1], &[1], &[1]], FieldOp::ArrayRemove), all)?;
    assert_eq!(values(&removed, 104), [list(&[2]), Value::Null, Value::Null]);
    let appended = merge(&request(&[&[], &[3], &[4]], FieldOp::ArrayAppend), all)?;
    assert_eq!(values(&appended, 104), [list(&[1, 2, 1]), list(&[3]), list(&[4])]);
    let replaced = merge(&request(&[&[9], &[], &[4]], FieldOp::Replace), all)?;
    assert_eq!(values(&replaced, 104), [list(&[9]), list(&[]), list(&[4])]);
    let full = said(&request(&[&[5], &[3], &[4]], FieldOp::ArrayAppend), all);
    assert!(full.contains("the length (4) of 0th array exceeds max capacity (3)"), "{full}");
    Ok(())
}

#[test]
fn wrong_requests_are_refused() {
    let one = |fields: Vec<InputField>, ops: &[(&str, FieldOp)]| {
        let fields = [vec![keys(&[30]), sent("a", InputData::Long(vec![1]))], fields].concat();
        said(&partial(1, fields, ops), &[None])
    };
    let append = |name| [(name, FieldOp::ArrayAppend)];
    assert_eq!(one(vec![], &[]), "ok");
    assert!(one(vec![], &append("l")).contains("field l, for which no data was sent"));
    assert!(one(vec![], &append("a")).contains("Array fields only, field a is Int64"));
    assert!(one(vec![], &append("x")).contains("field x, which does not exist"));
    assert!(one(vec![], &[("a", FieldOp::Replace), ("a", FieldOp::Replace)]).contains("field a twice"));
    assert_eq!(
        said(&partial(1, vec![keys(&[30])], &[]), &[None]),
        "1100 fieldSchema(a) has no corresponding fieldData pass in, it is needed for the new primary key 30: invalid parameter"
    );
    assert!(
        said(&partial(1, vec![], &[]), &[None]).contains("must assign pk when upsert, primary field: id")
    );
    assert!(
        said(&partial(2, vec![keys(&[10, 10])], &[]), &[Some(0), Some(0)]).contains("duplicate primary keys")
    );
    assert!(said(&partial(1, vec![keys(&[10])], &[]), &[Some(2)]).starts_with("5 row 2 of field id"));
    assert!(said(&partial(1, vec![keys(&[10])], &[]), &[]).starts_with("5 a partial upsert of 1 rows"));
    let long = format!("{{\"x\":\"{}\"}}", "y".repeat(65_526));
    assert_eq!(one(vec![sent("$meta", json(&[&long]))], &[]), "ok");
    let grown = said(&partial(1, vec![keys(&[10]), sent("$meta", json(&[&long]))], &[]), &[Some(0)]);
    assert!(grown.contains("of dynamic field exceeds max length (65536)"), "{grown}");
}

#[test]
fn auto_id_rows_get_new_keys() -> Result<()> {
    let mut fields = fields();
    fields[0].auto_id = true;
    let meta = meta(fields.clone());
    let request = partial(2, vec![keys(&[20, 10]), sent("a", InputData::Long(vec![7, 8]))], &[]);
    let rows = PartialRows::check(&meta, &request, &Limits::default(), |_| 500)?;
    let asked = Column::new(elanus_types::ColumnData::Int64(vec![20, 10]));
    assert_eq!((rows.keys(), rows.deletes()), (&asked, Some(&asked)));
    let batch = rows.merge(&old(&fields), &[Some(1), Some(0)])?;
    assert_eq!(values(&batch, 100), [Value::Int(500), Value::Int(501)]);
    assert_eq!(values(&batch, 103), [Value::Str("y".into()), Value::Str("x".into())]);
    Ok(())
}
