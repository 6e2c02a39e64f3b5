//! FlushAll.

use crate::call::Call;
use crate::status::success;
use elanus_proto::milvus as m;
use elanus_types::Result;
use elanus_types::{CollectionRef, ErrorKind};

/// Seals every collection, or those of the databases that are named.
#[allow(deprecated)]
pub(in crate::rpc) async fn flush_all(
    call: Call,
    request: m::FlushAllRequest,
) -> Result<m::FlushAllResponse> {
    for target in targets(&call, &request)? {
        match call.db.flush(&target).await {
            // Dropped meanwhile.
            Err(error) if error.kind() == ErrorKind::CollectionNotFound => {}
            outcome => drop(outcome?),
        }
    }
    Ok(m::FlushAllResponse {
        status: Some(success()),
        flush_all_ts: call.db.timestamp().0,
        ..Default::default()
    })
}

#[allow(deprecated)]
fn targets(call: &Call, request: &m::FlushAllRequest) -> Result<Vec<CollectionRef>> {
    let catalog = call.db.catalog();
    let mut targets = Vec::new();
    for asked in &request.flush_targets {
        let database = &catalog.database(call.database(&asked.db_name))?.name;
        let all = catalog.collections_in(database).map(|meta| call.target(database, &meta.name));
        let some = asked.collection_names.iter().map(|name| call.target(database, name));
        if asked.collection_names.is_empty() { targets.extend(all) } else { targets.extend(some) }
    }
    if request.flush_targets.is_empty() {
        let meant = |database: &str| request.db_name.is_empty() || request.db_name == database;
        let all = catalog.collections.values().filter(|meta| meant(&meta.database));
        targets.extend(all.map(|meta| call.target(&meta.database, &meta.name)));
    }
    Ok(targets)
}
