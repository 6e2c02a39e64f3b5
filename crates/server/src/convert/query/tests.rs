use super::*;
use crate::convert::kv::pair;
use elanus_types::query::{OrderBy, OutputField};
use elanus_types::{Column, ColumnData, DataType, FieldSchema, Timestamp};

fn target() -> CollectionRef {
    CollectionRef { database: "default".into(), name: "c".into() }
}

fn sent(guarantee_timestamp: u64, params: &[(&str, &str)]) -> Result<QueryRequest> {
    let query_params = params.iter().map(|(key, value)| pair(*key, *value)).collect();
    request(target(), wire::QueryRequest { guarantee_timestamp, query_params, ..Default::default() })
}

#[test]
fn limits_and_offsets() -> Result<()> {
    let table: [(&[(&str, &str)], _); 5] = [
        (&[], (None, 0)),
        (&[("limit", "10")], (Some(10), 0)),
        (&[("limit", "10"), ("offset", "5")], (Some(10), 5)),
        (&[("offset", "5")], (None, 0)),
        (&[("limit", ""), ("offset", "x"), ("reduce_stop_for_best", "False")], (None, 0)),
    ];
    for (params, expected) in table {
        let request = sent(0, params)?;
        assert_eq!((request.limit, request.offset), expected, "{params:?}");
    }
    Ok(())
}

#[test]
fn bad_parameters_are_named() {
    let table: [(&[(&str, &str)], _); 8] = [
        (
            &[("limit", "0")],
            "invalid max query result window, limit [0] is invalid, should be greater than 0",
        ),
        (
            &[("limit", "-3")],
            "invalid max query result window, limit [-3] is invalid, should be greater than 0",
        ),
        (&[("limit", "many")], "limit [many] is invalid"),
        (&[("limit", "1"), ("offset", "-1")], "offset [-1] is invalid, should be gte than 0"),
        (&[("limit", "1"), ("offset", "1.5")], "offset [1.5] is invalid"),
        (&[("iterator", "perhaps")], "iterator [perhaps] is invalid"),
        (&[("collection_id", "c")], "collection_id [c] is invalid"),
        (&[("order_by_fields", "a:up")], "invalid order direction 'up' for field 'a'"),
    ];
    for (params, expected) in table {
        let error = sent(0, params).expect_err("a bad query");
        assert!(error.message().contains(expected), "{params:?}: {error}");
    }
}

#[test]
fn orders_and_groups() -> Result<()> {
    let request = sent(0, &[("order_by_fields", "a:desc"), ("group_by_fields", "a, b")])?;
    assert_eq!(request.order_by, [OrderBy::new("a", true)]);
    assert_eq!(request.group_by, ["a", "b"]);
    Ok(())
}

#[test]
fn only_iterators_read_the_past() -> Result<()> {
    let real = 460_000_000_000_000_000;
    assert_eq!(sent(real, &[])?.guarantee_timestamp, 0);
    let page = sent(real, &[("iterator", "True"), ("collection_id", "7"), ("limit", "10")])?;
    assert_eq!((page.iterator, page.collection_id, page.guarantee_timestamp), (true, 7, real));
    let skipping = sent(real, &[("iterator", "False"), ("collection_id", "7"), ("limit", "10")])?;
    assert_eq!((skipping.iterator, skipping.guarantee_timestamp), (true, real));
    Ok(())
}

#[test]
fn answers_hold_typed_columns_without_rows() {
    let mut vector = FieldSchema::new(101, "v", DataType::FloatVector);
    vector.dim = 4;
    let fields = [FieldSchema::new(100, "id", DataType::Int64), vector];
    let fields = fields.map(|field| OutputField { column: Column::empty(&field), field });
    let reply = reply(QueryResult {
        elements: None,
        collection_name: "c".into(),
        fields: fields.into(),
        output_fields: vec!["id".into(), "v".into()],
        primary_field: "id".into(),
        timezone: "UTC".into(),
        session_timestamp: Timestamp(9),
    });
    assert_eq!((reply.session_ts, reply.primary_field_name.as_str()), (9, "id"));
    assert_eq!(reply.fields_data.len(), 2);
    assert!(reply.fields_data.iter().all(|field| field.field.is_some()));
}

#[test]
fn counts_are_one_column() {
    let field = FieldSchema::new(0, "count(*)", DataType::Int64);
    let column = Column::new(ColumnData::Int64(vec![42]));
    let reply = reply(QueryResult {
        elements: None,
        collection_name: "c".into(),
        fields: vec![OutputField { field, column }],
        output_fields: vec!["count(*)".into()],
        primary_field: "id".into(),
        timezone: "UTC".into(),
        session_timestamp: Timestamp(9),
    });
    assert_eq!(reply.fields_data[0].field_name, "count(*)");
    assert_eq!(reply.fields_data[0].r#type, DataType::Int64.number());
}
