//! Struct arrays as scenarios write them: a line `s struct(4)`, its parts on lines `s.part type`; rows as lists of objects.

use crate::columns::{column, vectors};
use crate::rows;
use crate::schema::{data_type, pair};
use elanus_proto::schema::field_data::Field;
use elanus_proto::schema::vector_field::Data as Vector;
use elanus_proto::schema::{
    self as wire, CollectionSchema, DataType, FieldData, FieldSchema, StructArrayField,
    StructArrayFieldSchema, VectorField,
};
use serde_json::{Map, Value};

/// Takes a line of a schema that declares a struct array; `None` when it is no such line.
pub fn declare(schema: &mut CollectionSchema, words: &[Value]) -> Option<Result<(), String>> {
    let [Value::String(name), Value::String(kind), flags @ ..] = words else { return None };
    let capacity = kind.strip_prefix("struct(")?.strip_suffix(')')?;
    let mut structure = StructArrayFieldSchema { name: name.clone(), ..Default::default() };
    structure.type_params.push(pair("max_capacity", capacity));
    let mut flags = flags.iter().filter_map(Value::as_str);
    while let Some(flag) = flags.next() {
        match flag {
            "nullable" => structure.nullable = true,
            "description" => structure.description = flags.next().unwrap_or_default().to_owned(),
            other => return Some(Err(format!("{other} is not known"))),
        }
    }
    schema.struct_array_fields.push(structure);
    Some(Ok(()))
}

/// Puts a field that was declared as `s.part` into its struct array; gives it back when it is none.
pub fn adopt(schema: &mut CollectionSchema, mut field: FieldSchema) -> Option<FieldSchema> {
    let Some((structure, part)) = field.name.split_once('.') else { return Some(field) };
    let Some(structure) = schema.struct_array_fields.iter_mut().find(|it| it.name == structure) else {
        return Some(field);
    };
    field.name = part.to_owned();
    field.element_type = field.data_type;
    field.data_type = if field.data_type >= 100 { DataType::ArrayOfVector } else { DataType::Array }.into();
    field.nullable |= structure.nullable;
    field.type_params.extend(structure.type_params.iter().filter(|pair| pair.key == "max_capacity").cloned());
    structure.fields.push(field);
    None
}

/// The lines that would declare the struct arrays of a schema: first words, then fields for the parts.
pub fn declared(schema: &CollectionSchema) -> Vec<(Vec<Value>, Vec<FieldSchema>)> {
    let structure = |it: &StructArrayFieldSchema| {
        let capacity = it
            .fields
            .first()
            .and_then(|part| part.type_params.iter().find(|pair| pair.key == "max_capacity"));
        let capacity = capacity.map_or("", |pair| pair.value.as_str());
        let mut words: Vec<Value> = vec![it.name.as_str().into(), format!("struct({capacity})").into()];
        words.extend(it.nullable.then(|| Value::from("nullable")));
        if !it.description.is_empty() {
            words.extend(["description".into(), it.description.as_str().into()]);
        }
        let part = |part: &FieldSchema| FieldSchema {
            name: format!("{}.{}", it.name, part.name),
            data_type: part.element_type,
            nullable: false,
            ..part.clone()
        };
        (words, it.fields.iter().map(part).collect())
    };
    schema.struct_array_fields.iter().map(structure).collect()
}

/// The column of a struct array: one list of objects, or null, per row. The parts are those that the rows bring.
pub fn struct_column(structure: &StructArrayFieldSchema, cells: &[&Value]) -> Result<FieldData, String> {
    let brought = |name: &str| {
        let mut items = cells.iter().filter_map(|cell| cell.as_array()).flatten();
        items.any(|item| item.get(name).is_some())
            || !cells.iter().any(|cell| cell.as_array().is_some_and(|it| !it.is_empty()))
    };
    let part = |part: &FieldSchema| {
        let lists: Vec<Value> = cells.iter().map(|cell| list(cell, &part.name)).collect();
        column(&part.name, &lists.iter().collect::<Vec<_>>(), Some(part), None)
    };
    let parts = structure.fields.iter().filter(|part| brought(&part.name)).map(part);
    Ok(FieldData {
        r#type: DataType::ArrayOfStruct.into(),
        field_name: structure.name.clone(),
        field: Some(Field::StructArrays(StructArrayField { fields: parts.collect::<Result<_, _>>()? })),
        ..FieldData::default()
    })
}

/// What the objects of a row have under a name; an object that lacks it adds nothing.
fn list(cell: &Value, name: &str) -> Value {
    match cell {
        Value::Array(items) => items.iter().filter_map(|item| item.get(name).cloned()).collect(),
        other => other.clone(),
    }
}

/// Lists of vectors, one per row.
pub fn vector_lists(element: DataType, cells: &[&Value], dim: i64) -> Result<VectorField, String> {
    let row = |cell: &&Value| {
        let items = cell.as_array().ok_or_else(|| format!("{cell} is not a list"))?;
        vectors(element, &items.iter().collect::<Vec<_>>(), dim)
    };
    let data = cells.iter().map(row).collect::<Result<_, _>>()?;
    let lists = wire::VectorArray { dim, data, element_type: element.into() };
    Ok(VectorField { dim, data: Some(Vector::VectorArray(lists)) })
}

/// The rows of a struct array that came back.
pub fn cells(parts: &[FieldData]) -> Result<Vec<Value>, String> {
    let mut all: Vec<Value> = Vec::new();
    for part in parts {
        let columns = rows::cells(part)?;
        all.resize(columns.len().max(all.len()), Value::Array(Vec::new()));
        for (row, cell) in all.iter_mut().zip(columns) {
            match (row, cell) {
                (row, Value::Null) => *row = Value::Null,
                (Value::Array(objects), Value::Array(items)) => {
                    objects.resize(items.len().max(objects.len()), Value::Object(Map::new()));
                    for (object, item) in objects.iter_mut().zip(items) {
                        object.as_object_mut().map(|object| object.insert(part.field_name.clone(), item));
                    }
                }
                (row, cell) => return Err(format!("{cell} came back beside {row}")),
            }
        }
    }
    Ok(all)
}

/// The type of the vectors that a field `s[part]` holds.
pub fn element_type(schema: &CollectionSchema, field: &str) -> Option<DataType> {
    let (structure, part) = field.strip_suffix(']')?.split_once('[')?;
    let structure = schema.struct_array_fields.iter().find(|it| it.name == structure)?;
    structure.fields.iter().find(|it| it.name == part).map(FieldSchema::element_type)
}

/// Whether a query is a list of vectors and not one vector.
pub fn is_list(kind: DataType, query: &Value) -> bool {
    match query.as_array().and_then(|items| items.first()) {
        Some(Value::Array(_) | Value::Object(_)) => true,
        Some(Value::String(_)) => kind == DataType::BinaryVector,
        Some(_) => false,
        None => query.is_array(),
    }
}

#[test]
fn struct_arrays_read_back() -> Result<(), String> {
    let text = "id int64 primary\ns struct(4) nullable description \"parts of it\"\ns.n int16\ns.t varchar(5)\ns.v float_vector(2)";
    let schema = crate::schema::read(text)?;
    assert_eq!(schema.struct_array_fields[0].fields.len(), 3);
    let shown: Vec<String> =
        crate::schema::lines(&schema).iter().map(|line| crate::value::show(line)).collect();
    assert_eq!(shown.join("\n"), text);
    assert_eq!(element_type(&schema, "s[v]"), Some(data_type("float_vector")?));
    let rows = crate::value::values("[{n: 1, t: a, v: [0, 1]}] [] null")?;
    let column = struct_column(&schema.struct_array_fields[0], &rows.iter().collect::<Vec<_>>())?;
    let Some(Field::StructArrays(parts)) = &column.field else { return Err("no struct array".to_owned()) };
    assert!(parts.fields.iter().all(|part| part.valid_data == [true, true, false]));
    Ok(())
}
