//! DescribeAlias.

use crate::call::Call;
use crate::status::success;
use elanus_proto::milvus as m;
use elanus_types::Result;
use elanus_types::{Error, ErrorKind};

/// The collection that an alias points to.
pub(in crate::rpc) async fn describe_alias(
    call: Call,
    request: m::DescribeAliasRequest,
) -> Result<m::DescribeAliasResponse> {
    let catalog = call.db.catalog();
    let database = catalog.database(call.database(&request.db_name))?.name.clone();
    let alias = request.alias;
    let Some(meta) = catalog.alias(&database, &alias) else {
        let message = format!("alias not found[database={database}][alias={alias}]");
        return Err(Error::new(ErrorKind::AliasNotFound, message));
    };
    let collection = meta.name.clone();
    Ok(m::DescribeAliasResponse { status: Some(success()), db_name: database, alias, collection })
}
