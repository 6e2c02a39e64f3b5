use super::*;
use elanus_proto::schema::i_ds::IdField;
use elanus_proto::schema::{LongArray, TemplateValue, template_value::Val};
use elanus_types::{Column, ColumnData, Timestamp};

fn target() -> CollectionRef {
    CollectionRef { database: "default".into(), name: "c".into() }
}

fn op(field: &str, op: OpType) -> FieldPartialUpdateOp {
    FieldPartialUpdateOp { field_name: field.into(), op: op.into() }
}

#[test]
fn inserts_carry_what_was_sent() -> Result<()> {
    let sent = wire::InsertRequest { num_rows: 3, schema_timestamp: 99, ..Default::default() };
    let insert = insert(target(), sent)?;
    assert_eq!((insert.partition, insert.rows, insert.schema_timestamp), (None, 3, 99));
    assert_eq!(insert.mode, InsertMode::Insert);
    Ok(())
}

#[test]
fn upserts_whole_and_partial() -> Result<()> {
    let whole = wire::UpsertRequest { partition_name: "p".into(), ..Default::default() };
    let whole = upsert(target(), whole)?;
    assert_eq!(whole.partition.as_deref(), Some("p"));
    assert_eq!(whole.mode, InsertMode::Upsert { partial: false, field_ops: vec![] });
    let field_ops =
        vec![op("a", OpType::ArrayAppend), op("b", OpType::Replace), op("c", OpType::ArrayRemove)];
    let partial = wire::UpsertRequest { partial_update: true, field_ops, ..Default::default() };
    let field_ops = vec![("a".into(), FieldOp::ArrayAppend), ("c".into(), FieldOp::ArrayRemove)];
    assert_eq!(upsert(target(), partial)?.mode, InsertMode::Upsert { partial: true, field_ops });
    Ok(())
}

#[test]
fn bad_field_operations_are_named() {
    let message = |partial_update, field_ops| {
        let sent = wire::UpsertRequest { partial_update, field_ops, ..Default::default() };
        upsert(target(), sent).expect_err("bad operations").message().to_owned()
    };
    let unknown = FieldPartialUpdateOp { field_name: "a".into(), op: 9 };
    assert!(message(true, vec![unknown]).contains("operation 9 on field a"));
    let append = || op("a", OpType::ArrayAppend);
    assert!(message(true, vec![append(), append()]).contains("more than one operation"));
    assert!(message(false, vec![append()]).contains("needs a partial update"));
}

#[test]
fn deletes_carry_templates() -> Result<()> {
    let value = TemplateValue { val: Some(Val::Int64Val(5)) };
    let sent = wire::DeleteRequest {
        expr: "id == {x}".into(),
        expr_template_values: [("x".to_owned(), value)].into(),
        ..Default::default()
    };
    let delete = delete(target(), sent)?;
    assert_eq!((delete.filter.expression.as_str(), delete.filter.templates.len()), ("id == {x}", 1));
    Ok(())
}

#[test]
fn namespaces_are_refused_but_not_empty_ones() {
    let sent =
        |namespace: &str| wire::InsertRequest { namespace: Some(namespace.into()), ..Default::default() };
    assert!(insert(target(), sent("")).is_ok());
    assert_eq!(insert(target(), sent("n")).expect_err("a namespace").kind(), ErrorKind::Unsupported);
}

fn outcome(ids: Option<Vec<i64>>) -> WriteOutcome {
    let ids = ids.map(|ids| Column::new(ColumnData::Int64(ids)));
    WriteOutcome { ids, count: 2, timestamp: Timestamp(77) }
}

#[test]
fn answers_count_in_their_own_field() {
    let inserted = reply(outcome(Some(vec![5, 6])), Counted::Inserted);
    assert_eq!((inserted.insert_cnt, inserted.upsert_cnt, inserted.delete_cnt), (2, 0, 0));
    assert_eq!((inserted.timestamp, inserted.succ_index), (77, vec![0, 1]));
    let ids = inserted.i_ds.and_then(|ids| ids.id_field);
    assert_eq!(ids, Some(IdField::IntId(LongArray { data: vec![5, 6] })));
    let upserted = reply(outcome(Some(vec![5, 6])), Counted::Upserted);
    assert_eq!((upserted.insert_cnt, upserted.upsert_cnt, upserted.delete_cnt), (0, 2, 0));
    assert!(
        inserted.status.is_some_and(|status| status.extra_info.is_empty()),
        "clients read a cost from it"
    );
}

#[test]
fn deletes_answer_without_keys() {
    let deleted = reply(outcome(None), Counted::Deleted);
    assert_eq!((deleted.delete_cnt, deleted.i_ds, deleted.succ_index), (2, None, vec![]));
}

#[test]
fn failures_name_every_row() {
    let error = Error::invalid("no");
    let failed = |rows| super::failed("Insert", &error, rows);
    assert_eq!(failed(3).err_index, [0, 1, 2]);
    assert_eq!(failed(3).status.map(|status| status.code), Some(1100));
    assert_eq!(failed(u32::MAX).err_index.len(), MOST_FAILED_ROWS as usize);
}
