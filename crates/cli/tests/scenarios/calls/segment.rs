//! Flush, compaction, segments.

use super::Input;
use crate::session::{Outcome, Session, accepted, line, send};
use elanus_proto::milvus as m;

/// Also waits, as clients do, until the server says that everything is flushed.
#[allow(deprecated)]
pub async fn flush(session: &Session, input: &mut Input) -> Outcome {
    let reply = send!(
        session,
        flush,
        m::FlushRequest { collection_names: input.words.clone(), ..Default::default() }
    );
    accepted(reply.status.as_ref())?;
    for name in &input.words {
        let segment_ids = reply.coll_seg_i_ds.get(name).map(|ids| ids.data.clone()).unwrap_or_default();
        let flush_ts = *reply.coll_flush_ts.get(name).ok_or("no timestamp under the name that was sent")?;
        let collection_name = name.clone();
        let message = m::GetFlushStateRequest {
            segment_i_ds: segment_ids,
            flush_ts,
            collection_name,
            ..Default::default()
        };
        let state = send!(session, get_flush_state, message);
        accepted(state.status.as_ref())?;
        if !state.flushed {
            return Err("not flushed when the call returned".into());
        }
    }
    Ok(vec![line(["ok".into()])])
}

pub async fn flush_all(session: &Session) -> Outcome {
    let reply = send!(session, flush_all, m::FlushAllRequest::default());
    accepted(reply.status.as_ref())?;
    Ok(vec![line(["ok".into()])])
}

pub async fn compact(session: &Session, input: &mut Input) -> Outcome {
    let message = m::ManualCompactionRequest { collection_name: input.word(0)?, ..Default::default() };
    let reply = send!(session, manual_compaction, message);
    accepted(reply.status.as_ref())?;
    Ok(vec![line(["ok".into()])])
}

/// Rows in sealed segments, deleted ones that are still kept included.
pub async fn persistent(session: &Session, input: &mut Input) -> Outcome {
    let message =
        m::GetPersistentSegmentInfoRequest { collection_name: input.word(0)?, ..Default::default() };
    let reply = send!(session, get_persistent_segment_info, message);
    accepted(reply.status.as_ref())?;
    let rows: i64 = reply.infos.iter().map(|info| info.num_rows).sum();
    Ok(vec![line(["rows".into(), rows.into()])])
}
