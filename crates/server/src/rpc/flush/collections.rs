//! Flush.

use crate::call::Call;
use crate::status::success;
use elanus_proto::milvus as m;
use elanus_proto::schema::LongArray;
use elanus_types::Result;

/// Seals collections into files; done when this returns. Answers are under the names that were sent, aliases too.
pub(in crate::rpc) async fn flush(call: Call, request: m::FlushRequest) -> Result<m::FlushResponse> {
    let mut reply = m::FlushResponse {
        status: Some(success()),
        db_name: call.database(&request.db_name).to_owned(),
        ..Default::default()
    };
    for name in request.collection_names {
        let segments = call.db.flush(&call.target(&request.db_name, &name)).await?;
        let now = call.db.timestamp();
        reply.coll_seg_i_ds.insert(name.clone(), LongArray { data: segments });
        reply.flush_coll_seg_i_ds.insert(name.clone(), LongArray { data: Vec::new() });
        reply.coll_seal_times.insert(name.clone(), i64::try_from(now.millis() / 1000).unwrap_or(i64::MAX));
        reply.coll_flush_ts.insert(name, now.0);
    }
    Ok(reply)
}
