//! What a search looks for: query vectors, or the vectors of stored rows.

use crate::convert::ids;
use bytes::Bytes;
use elanus_proto::common::{PlaceholderGroup, PlaceholderType, PlaceholderValue};
use elanus_proto::milvus::search_request::SearchInput;
use elanus_types::search::QueryVectors;
use elanus_types::{DataType, Error, ErrorKind, Result};
use prost::Message;

/// The query vectors; they stay slices of the message that brought them.
pub(super) fn queries(input: Option<SearchInput>) -> Result<QueryVectors> {
    match input {
        None => Ok(none()),
        Some(SearchInput::Ids(ids)) => ids::ids_in(ids).map(QueryVectors::Ids),
        Some(SearchInput::PlaceholderGroup(group)) => placeholders(group),
    }
}

/// No queries: the check of their number refuses them.
fn none() -> QueryVectors {
    QueryVectors::Vectors { data_type: DataType::FloatVector, vectors: Vec::new() }
}

fn placeholders(group: Bytes) -> Result<QueryVectors> {
    let group = PlaceholderGroup::decode(group)
        .map_err(|error| Error::invalid(format!("the query vectors are malformed: {error}")))?;
    let mut placeholders = group.placeholders;
    let Some(PlaceholderValue { r#type, values, .. }) = placeholders.pop() else { return Ok(none()) };
    if !placeholders.is_empty() {
        let message =
            format!("{} groups of query vectors are given, one is expected", placeholders.len() + 1);
        return Err(Error::invalid(message));
    }
    if let Some(data_type) = of_list(r#type) {
        return Ok(QueryVectors::Lists { data_type, lists: values });
    }
    let single = DataType::from_number(r#type).filter(|data_type| *data_type != DataType::ArrayOfVector);
    let data_type = single.ok_or_else(|| unknown(r#type))?;
    Ok(QueryVectors::Vectors { data_type, vectors: values })
}

/// The type of the vectors in embedding lists; sparse ones cannot be stored in lists.
fn of_list(number: i32) -> Option<DataType> {
    Some(match PlaceholderType::try_from(number).ok()? {
        PlaceholderType::EmbListBinaryVector => DataType::BinaryVector,
        PlaceholderType::EmbListFloatVector => DataType::FloatVector,
        PlaceholderType::EmbListFloat16Vector => DataType::Float16Vector,
        PlaceholderType::EmbListBFloat16Vector => DataType::BFloat16Vector,
        PlaceholderType::EmbListInt8Vector => DataType::Int8Vector,
        _ => return None,
    })
}

fn unknown(number: i32) -> Error {
    match PlaceholderType::try_from(number) {
        Ok(PlaceholderType::None) | Err(_) => Error::invalid(format!(
            "placeholder type {number} is not valid, name the type of the query vectors"
        )),
        Ok(known) => {
            let name = known.as_str_name();
            let message =
                format!("searching by {name} ({number}) is not supported, search by single vectors");
            Error::new(ErrorKind::Unsupported, message)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use elanus_proto::schema::i_ds::IdField;
    use elanus_proto::schema::{IDs, LongArray};

    fn sent(groups: &[(i32, &[&'static [u8]])]) -> Result<QueryVectors> {
        let group = |(number, values): &(i32, &[&'static [u8]])| PlaceholderValue {
            tag: "$0".into(),
            r#type: *number,
            values: values.iter().map(|value| Bytes::from_static(value)).collect(),
            ..Default::default()
        };
        let group = PlaceholderGroup { placeholders: groups.iter().map(group).collect() };
        queries(Some(SearchInput::PlaceholderGroup(group.encode_to_vec().into())))
    }

    #[test]
    fn vectors_of_every_type() -> Result<()> {
        let single = |data_type: &&DataType| data_type.is_vector() && **data_type != DataType::ArrayOfVector;
        for data_type in DataType::ALL.iter().filter(single) {
            let QueryVectors::Vectors { data_type: back, vectors } =
                sent(&[(data_type.number(), &[b"abcd", b""])])?
            else {
                panic!("vectors were sent");
            };
            assert_eq!((back, vectors), (*data_type, vec![Bytes::from("abcd"), Bytes::new()]));
        }
        Ok(())
    }

    #[test]
    fn lists_of_every_dense_type() -> Result<()> {
        for data_type in DataType::ALL.iter().filter(|data_type| data_type.is_dense_vector()) {
            let QueryVectors::Lists { data_type: back, lists } =
                sent(&[(data_type.number() + 200, &[b"abcdefgh", b"abcd"])])?
            else {
                panic!("lists were sent");
            };
            assert_eq!((back, lists.len()), (*data_type, 2));
        }
        Ok(())
    }

    #[test]
    fn stored_rows_by_key() -> Result<()> {
        let ids = IDs { id_field: Some(IdField::IntId(LongArray { data: vec![7, 8] })) };
        assert!(matches!(queries(Some(SearchInput::Ids(ids)))?, QueryVectors::Ids(ids) if ids.len() == 2));
        Ok(())
    }

    #[test]
    fn nothing_is_no_queries() -> Result<()> {
        for input in [queries(None)?, sent(&[])?] {
            assert!(matches!(input, QueryVectors::Vectors { vectors, .. } if vectors.is_empty()));
        }
        Ok(())
    }

    #[test]
    fn bad_placeholders_are_named() {
        let kind = |result: Result<QueryVectors>| result.expect_err("bad placeholders").kind();
        assert_eq!(kind(sent(&[(304, &[b"a"])])), ErrorKind::Unsupported, "sparse lists");
        assert_eq!(kind(sent(&[(106, &[b"a"])])), ErrorKind::InvalidParameter);
        assert_eq!(kind(sent(&[(0, &[b"a"])])), ErrorKind::InvalidParameter);
        assert_eq!(kind(sent(&[(77, &[b"a"])])), ErrorKind::InvalidParameter);
        assert_eq!(kind(sent(&[(101, &[b"a"]), (101, &[b"a"])])), ErrorKind::InvalidParameter);
        let garbage = SearchInput::PlaceholderGroup(Bytes::from_static(&[0xff; 5]));
        assert_eq!(kind(queries(Some(garbage))), ErrorKind::InvalidParameter);
    }
}
