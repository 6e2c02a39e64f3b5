//! Connect: the first call of every client.

use crate::call::Call;
use crate::status::success;
use elanus_proto::common::ServerInfo;
use elanus_proto::milvus as m;
use elanus_types::Result;

/// Tells a client what it talks to. The database in its metadata must exist.
pub(in crate::rpc) async fn connect(call: Call, _: m::ConnectRequest) -> Result<m::ConnectResponse> {
    call.db.catalog().database(call.database(""))?;
    Ok(m::ConnectResponse {
        status: Some(success()),
        server_info: Some(ServerInfo {
            build_tags: call.version.to_string(),
            deploy_mode: "STANDALONE".to_owned(),
            ..Default::default()
        }),
        // Clients take 0 for «not connected».
        identifier: i64::try_from(call.db.timestamp().0).unwrap_or(i64::MAX),
    })
}
