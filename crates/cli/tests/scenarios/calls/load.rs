//! Loading. Names after the collection's are partitions.

use super::{Input, done};
use crate::session::{Failure, Outcome, Session, accepted, line, send};
use elanus_proto::common::LoadState;
use elanus_proto::milvus as m;

pub async fn load(session: &Session, input: &mut Input) -> Outcome {
    let collection_name = input.word(0)?;
    let replica_number = input.arguments.int("replicas")?.unwrap_or(1);
    let replica_number = i32::try_from(replica_number).map_err(|error| Failure::Broken(error.to_string()))?;
    let (refresh, load_fields) = (input.arguments.flag("refresh"), input.arguments.texts("fields"));
    let partition_names = partitions(input);
    if partition_names.is_empty() {
        let message = m::LoadCollectionRequest {
            collection_name,
            replica_number,
            refresh,
            load_fields,
            ..Default::default()
        };
        return done(&send!(session, load_collection, message));
    }
    let message = m::LoadPartitionsRequest {
        collection_name,
        partition_names,
        replica_number,
        refresh,
        load_fields,
        ..Default::default()
    };
    done(&send!(session, load_partitions, message))
}

pub async fn release(session: &Session, input: &mut Input) -> Outcome {
    let collection_name = input.word(0)?;
    let partition_names = partitions(input);
    if partition_names.is_empty() {
        let message = m::ReleaseCollectionRequest { collection_name, ..Default::default() };
        return done(&send!(session, release_collection, message));
    }
    let message = m::ReleasePartitionsRequest { collection_name, partition_names, ..Default::default() };
    done(&send!(session, release_partitions, message))
}

pub async fn state(session: &Session, input: &mut Input) -> Outcome {
    let (collection_name, partition_names) = (input.word(0)?, partitions(input));
    let message = m::GetLoadStateRequest { collection_name, partition_names, ..Default::default() };
    let reply = send!(session, get_load_state, message);
    accepted(reply.status.as_ref())?;
    let state = LoadState::try_from(reply.state).map_or("unknown", |state| state.as_str_name());
    Ok(vec![line([state.trim_start_matches("LoadState").into()])])
}

pub async fn progress(session: &Session, input: &mut Input) -> Outcome {
    let (collection_name, partition_names) = (input.word(0)?, partitions(input));
    let message = m::GetLoadingProgressRequest { collection_name, partition_names, ..Default::default() };
    let reply = send!(session, get_loading_progress, message);
    accepted(reply.status.as_ref())?;
    Ok(vec![line([reply.progress.into()])])
}

fn partitions(input: &Input) -> Vec<String> {
    input.words.iter().skip(1).cloned().collect()
}
