//! Search.

use super::Input;
use super::query::templates;
use crate::columns::vector_bytes;
use crate::rows;
use crate::schema::{data_type, pair};
use crate::session::{Arguments, Failure, Outcome, Session, accepted, line, plain, send};
use crate::structs;
use elanus_proto::common::{KeyValuePair, PlaceholderGroup, PlaceholderValue};
use elanus_proto::milvus as m;
use elanus_proto::milvus::search_request::SearchInput;
use elanus_proto::schema::i_ds::IdField;
use elanus_proto::schema::{CollectionSchema, DataType, IDs, LongArray, SearchResultData, StringArray};
use prost::Message;
use serde_json::{Map, Value};

/// Parameters that travel beside the object of index parameters.
const OUTER: &[(&str, &str)] = &[
    ("limit", "topk"),
    ("offset", "offset"),
    ("metric", "metric_type"),
    ("round_decimal", "round_decimal"),
    ("ignore_growing", "ignore_growing"),
    ("group_by", "group_by_field"),
    ("group_by_fields", "group_by_fields"),
    ("json_path", "json_path"),
    ("json_type", "json_type"),
    ("strict_cast", "strict_cast"),
    ("order_by", "order_by_fields"),
    ("group_size", "group_size"),
    ("strict_group_size", "strict_group_size"),
    ("iterator", "iterator"),
    ("batch", "search_iter_batch_size"),
    ("token", "search_iter_id"),
    ("bound", "search_iter_last_bound"),
    ("collection_id", "collection_id"),
    ("timezone", "timezone"),
];

/// One hit on a line: key, score, fields. Hits of several queries are divided by a line `-`, a query without hits
/// answers `none`. A page of an iterator ends with `page TOKEN BOUND SESSION`.
pub async fn search(session: &Session, input: &mut Input) -> Outcome {
    let guarantee = input.arguments.int("guarantee")?.unwrap_or(0);
    let mut message = request(session, input).await?;
    message.guarantee_timestamp = guarantee.cast_unsigned();
    let reply = send!(session, search, message);
    answered(&reply)
}

/// A search from its arguments.
pub async fn request(session: &Session, input: &mut Input) -> Result<m::SearchRequest, Failure> {
    let collection_name = input.word(0)?;
    let schema = session.schema(&collection_name).await?;
    let expr_template_values = templates(input)?;
    let arguments = &mut input.arguments;
    let field = arguments.text("field");
    let (search_input, nq) = queries(arguments, &schema, field.as_deref())?;
    let mut request = m::SearchRequest {
        collection_name,
        partition_names: arguments.texts("partitions"),
        dsl: arguments.text("filter").unwrap_or_default(),
        dsl_type: 1,
        output_fields: arguments.texts("output"),
        nq,
        use_default_consistency: true,
        expr_template_values,
        search_input,
        ..Default::default()
    };
    request.search_params = params(arguments, field);
    request.search_params.extend(input.pairs("raw"));
    Ok(request)
}

fn params(arguments: &mut Arguments, field: Option<String>) -> Vec<KeyValuePair> {
    let mut pairs: Vec<KeyValuePair> = field.map(|field| pair("anns_field", field)).into_iter().collect();
    let iterator = arguments.has("batch");
    for (argument, key) in OUTER {
        pairs.extend(arguments.text(argument).map(|value| pair(key, value)));
    }
    if pairs.iter().all(|pair| pair.key != "topk") {
        pairs.push(pair("topk", "10"));
    }
    if iterator {
        pairs.extend([pair("iterator", "True"), pair("search_iter_v2", "True")]);
    }
    // As pymilvus does, parameters of the index come as one JSON object.
    pairs.push(pair("params", plain(&arguments.take("params").unwrap_or(Value::Object(Map::new())))));
    pairs
}

type Queries = (Option<SearchInput>, i64);

/// The vectors under `data`, or the rows named under `ids`.
fn queries(
    arguments: &mut Arguments,
    schema: &CollectionSchema,
    field: Option<&str>,
) -> Result<Queries, Failure> {
    let sent_as = arguments.text("as").map(|name| data_type(&name)).transpose()?;
    if let Some(Value::Array(ids)) = arguments.take("ids") {
        return Ok((Some(SearchInput::Ids(keys(&ids))), ids.len() as i64));
    }
    let data = match arguments.take("data") {
        Some(Value::Array(data)) => data,
        _ => return Err("data or ids is missing".into()),
    };
    let vectors = |kind: i32| (100..=105).contains(&kind);
    let target = schema.fields.iter().find(|f| field.map_or(vectors(f.data_type), |name| f.name == name));
    let known = target.map(|field| field.data_type()).filter(|kind| vectors(*kind as i32));
    let known = known.or_else(|| structs::element_type(schema, field?));
    let kind = sent_as.or(known).unwrap_or(DataType::FloatVector);
    let lists = data.iter().any(|query| structs::is_list(kind, query));
    let values = data.iter().map(|query| match query {
        Value::Array(list) if lists => {
            let vectors =
                list.iter().map(|vector| vector_bytes(kind, vector)).collect::<Result<Vec<_>, _>>()?;
            Ok(vectors.concat().into())
        }
        vector => vector_bytes(kind, vector).map(Into::into),
    });
    let values = values.collect::<Result<_, String>>()?;
    // The types of lists follow those of single vectors.
    let number = kind as i32 + if lists { 200 } else { 0 };
    let placeholder = PlaceholderValue { tag: "$0".to_owned(), r#type: number, values, ..Default::default() };
    let group = PlaceholderGroup { placeholders: vec![placeholder] };
    Ok((Some(SearchInput::PlaceholderGroup(group.encode_to_vec().into())), data.len() as i64))
}

fn keys(ids: &[Value]) -> IDs {
    let ints: Option<Vec<i64>> = ids.iter().map(Value::as_i64).collect();
    let ids = match ints {
        Some(data) => IdField::IntId(LongArray { data }),
        None => IdField::StrId(StringArray { data: ids.iter().map(|id| plain(id).into()).collect() }),
    };
    IDs { id_field: Some(ids) }
}

/// The lines of an answer, after what every client relies on has been checked.
pub fn answered(reply: &m::SearchResults) -> Outcome {
    accepted(reply.status.as_ref())?;
    let results = reply.results.as_ref().ok_or("the answer has no results")?;
    let hits = hits(results)?;
    if results.topks.len() as i64 != results.num_queries {
        return Err(format!("{} topks for {} queries", results.topks.len(), results.num_queries).into());
    }
    let mut lines = Vec::new();
    let mut hits = hits.into_iter();
    for (query, count) in results.topks.iter().enumerate() {
        if query > 0 {
            lines.push(line(["-".into()]));
        }
        if *count == 0 {
            lines.push(line(["none".into()]));
        }
        lines.extend(hits.by_ref().take(usize::try_from(*count).unwrap_or(0)));
    }
    if hits.next().is_some() {
        return Err("there are more hits than topks say".into());
    }
    if let Some(page) = &results.search_iterator_v2_results {
        let (token, bound) = (page.token.as_str().into(), rows::number(page.last_bound));
        lines.push(line(["page".into(), token, bound, reply.session_ts.into()]));
    }
    Ok(lines)
}

fn hits(results: &SearchResultData) -> Outcome {
    let keys = rows::keys(results.ids.as_ref().and_then(|ids| ids.id_field.as_ref()));
    if keys.len() != results.scores.len() {
        return Err(format!("{} keys but {} scores", keys.len(), results.scores.len()).into());
    }
    let fields = rows::rows(&results.fields_data, &results.output_fields, keys.len())?;
    let columns = results.group_by_field_value.iter().chain(&results.group_by_field_values);
    let groups = columns.map(rows::cells).collect::<Result<Vec<_>, _>>()?;
    let hits = keys.into_iter().zip(&results.scores).zip(fields).enumerate().map(
        |(place, ((key, score), fields))| {
            let mut hit = line([key, rows::number(*score)]);
            if !fields.is_empty() {
                hit.push(Value::Object(fields));
            }
            if let Some(element) = results.element_indices.as_ref().and_then(|it| it.data.get(place)) {
                hit.extend(["element".into(), Value::from(*element)]);
            }
            if !groups.is_empty() {
                hit.push("group".into());
                hit.extend(groups.iter().filter_map(|values| values.get(place).cloned()));
            }
            hit
        },
    );
    Ok(hits.collect())
}
