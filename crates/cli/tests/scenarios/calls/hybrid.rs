//! Hybrid search.

use super::Input;
use super::search::{answered, request};
use crate::schema::pair;
use crate::session::{Arguments, Failure, Outcome, Session, plain, send};
use elanus_proto::milvus as m;
use serde_json::Value;

/// `hybrid_search COLLECTION {ranker, params, limit, …}` with the arguments of one search on each line below.
pub async fn search(session: &Session, input: &mut Input) -> Outcome {
    let mut requests = Vec::new();
    for arguments in input.rows()? {
        let mut part =
            Input { words: input.words.clone(), arguments: Arguments::new(arguments), body: String::new() };
        requests.push(request(session, &mut part).await?);
        part.arguments.finish()?;
    }
    let message = m::HybridSearchRequest {
        requests,
        collection_name: input.word(0)?,
        partition_names: input.arguments.texts("partitions"),
        output_fields: input.arguments.texts("output"),
        rank_params: rank(input)?,
        use_default_consistency: true,
        ..Default::default()
    };
    answered(&send!(session, hybrid_search, message))
}

fn rank(input: &mut Input) -> Result<Vec<elanus_proto::common::KeyValuePair>, Failure> {
    let arguments = &mut input.arguments;
    let mut pairs = Vec::new();
    let keys = [
        ("ranker", "strategy"),
        ("offset", "offset"),
        ("round_decimal", "round_decimal"),
        ("group_by", "group_by_field"),
        ("group_by_fields", "group_by_fields"),
        ("group_size", "group_size"),
        ("strict_group_size", "strict_group_size"),
        ("scorer", "rank_group_scorer"),
    ];
    for (argument, key) in keys {
        pairs.extend(arguments.text(argument).map(|value| pair(key, value)));
    }
    pairs.push(pair("limit", arguments.text("limit").unwrap_or_else(|| "10".to_owned())));
    let params = arguments.take("params").unwrap_or(Value::Object(Default::default()));
    pairs.push(pair("params", plain(&params)));
    Ok(pairs)
}
