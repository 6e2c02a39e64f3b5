//! ListAliases.

use crate::call::Call;
use crate::status::success;
use elanus_proto::milvus as m;
use elanus_types::Result;

/// Aliases of one collection, or of every collection of a database.
pub(in crate::rpc) async fn list_aliases(
    call: Call,
    request: m::ListAliasesRequest,
) -> Result<m::ListAliasesResponse> {
    let catalog = call.db.catalog();
    let database = catalog.database(call.database(&request.db_name))?.name.clone();
    let aliases = if request.collection_name.is_empty() {
        catalog.aliases.get(&database).map(|all| all.keys().cloned().collect()).unwrap_or_default()
    } else {
        let meta = call.collection(&call.target(&database, &request.collection_name))?;
        catalog.aliases_of(meta.id).into_iter().map(str::to_owned).collect()
    };
    Ok(m::ListAliasesResponse {
        status: Some(success()),
        db_name: database,
        collection_name: request.collection_name,
        aliases,
    })
}
