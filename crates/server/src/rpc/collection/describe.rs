//! DescribeCollection.

use crate::call::Call;
use crate::convert::kv;
use crate::convert::schema_out;
use crate::status::success;
use elanus_proto::milvus as m;
use elanus_types::Result;
use elanus_types::{CollectionMeta, Error, ErrorKind};

/// Everything that clients keep about a collection.
pub(in crate::rpc) async fn describe_collection(
    call: Call,
    request: m::DescribeCollectionRequest,
) -> Result<m::DescribeCollectionResponse> {
    describe(&call, &request.db_name, &request.collection_name, request.collection_id)
}

/// Describes a collection by name, alias or number.
pub(in crate::rpc) fn describe(
    call: &Call,
    database: &str,
    name: &str,
    id: i64,
) -> Result<m::DescribeCollectionResponse> {
    let meta = call.collection_by(database, name, id).map_err(|error| match error.kind() {
        // Clients tell a missing collection from other failures by this text.
        ErrorKind::CollectionNotFound => {
            let database = call.database(database);
            let message = format!("can't find collection[database={database}][collection={name}]");
            Error::new(ErrorKind::CollectionNotFound, message)
        }
        _ => error,
    })?;
    Ok(described(call, &meta))
}

fn described(call: &Call, meta: &CollectionMeta) -> m::DescribeCollectionResponse {
    let catalog = call.db.catalog();
    let shards = meta.shards.max(1);
    let channel = |shard: i32| format!("elanus-dml_{shard}");
    m::DescribeCollectionResponse {
        status: Some(success()),
        schema: Some(schema_out::schema(meta)),
        collection_id: meta.id,
        virtual_channel_names: (0..shards).map(|s| format!("{}_{}v{s}", channel(s), meta.id)).collect(),
        physical_channel_names: (0..shards).map(channel).collect(),
        created_timestamp: meta.created.0,
        created_utc_timestamp: meta.created.millis(),
        shards_num: shards,
        aliases: catalog.aliases_of(meta.id).into_iter().map(str::to_owned).collect(),
        start_positions: Vec::new(),
        consistency_level: meta.consistency_level,
        collection_name: meta.name.clone(),
        properties: kv::pairs(&meta.properties),
        db_name: meta.database.clone(),
        num_partitions: i64::try_from(meta.partitions.len()).unwrap_or(i64::MAX),
        db_id: catalog.databases.get(&meta.database).map_or(0, |database| database.id),
        request_time: call.db.timestamp().0,
        update_timestamp: meta.updated.0,
        // The same number for clients whose integers are too small for it.
        update_timestamp_str: meta.updated.to_string(),
    }
}
