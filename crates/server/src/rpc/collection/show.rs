//! ShowCollections.

use crate::call::Call;
use crate::status::success;
use elanus_proto::milvus as m;
use elanus_types::Result;
use elanus_types::{CollectionMeta, Error, ErrorKind, LoadState};

/// Collections of a database: all, or those that are loaded.
#[allow(deprecated)]
pub(in crate::rpc) async fn show_collections(
    call: Call,
    request: m::ShowCollectionsRequest,
) -> Result<m::ShowCollectionsResponse> {
    let catalog = call.db.catalog();
    let database = call.database(&request.db_name);
    catalog.database(database)?;
    let loaded_only = request.r#type == i32::from(m::ShowType::InMemory);
    let named = |meta: &CollectionMeta| {
        request.collection_names.is_empty() || request.collection_names.contains(&meta.name)
    };
    let mut reply = m::ShowCollectionsResponse { status: Some(success()), ..Default::default() };
    for meta in catalog.collections_in(database).filter(|meta| named(meta)) {
        let loaded = meta.load == LoadState::Loaded;
        if loaded_only && !loaded {
            continue;
        }
        reply.collection_names.push(meta.name.clone());
        reply.collection_ids.push(meta.id);
        reply.created_timestamps.push(meta.created.0);
        reply.created_utc_timestamps.push(meta.created.millis());
        reply.in_memory_percentages.push(if loaded { 100 } else { 0 });
        reply.query_service_available.push(loaded);
        reply.shards_num.push(meta.shards);
    }
    let missing = request.collection_names.iter().find(|name| !reply.collection_names.contains(name));
    match missing.filter(|_| loaded_only) {
        Some(name) => {
            let message = format!("collection not loaded[collection={name}]");
            Err(Error::new(ErrorKind::CollectionNotLoaded, message))
        }
        None => Ok(reply),
    }
}
