//! Upsert.

use crate::call::Call;
use crate::convert::input;
use crate::convert::write::{self, Counted};
use crate::rpc::offload::offload;
use elanus_proto::milvus::{MutationResult, UpsertRequest};
use elanus_types::Result;
use elanus_types::write::{Write, WriteOutcome};

/// Upserts rows.
pub(in crate::rpc) async fn upsert(call: Call, request: UpsertRequest) -> Result<MutationResult> {
    let rows = request.num_rows;
    Ok(match run(call, request).await {
        Ok(outcome) => write::reply(outcome, Counted::Upserted),
        Err(error) => write::failed("Upsert", &error, rows),
    })
}

async fn run(call: Call, request: UpsertRequest) -> Result<WriteOutcome> {
    let target = call.target(&request.db_name, &request.collection_name);
    let weight = input::weight(&request.fields_data);
    let write = offload(weight, move || write::upsert(target, request)).await??;
    call.db.write(Write::Insert(write)).await
}
