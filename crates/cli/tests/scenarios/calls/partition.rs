//! Partitions.

use super::{Input, collection, done, yes_or_no};
use crate::session::{Outcome, Session, accepted, each, send};
use elanus_proto::milvus as m;

pub async fn create(session: &Session, input: &mut Input) -> Outcome {
    let (collection_name, partition_name) = (input.word(0)?, input.word(1)?);
    let message = m::CreatePartitionRequest { collection_name, partition_name, ..Default::default() };
    done(&send!(session, create_partition, message))
}

pub async fn drop(session: &Session, input: &mut Input) -> Outcome {
    let (collection_name, partition_name) = (input.word(0)?, input.word(1)?);
    let message = m::DropPartitionRequest { collection_name, partition_name, ..Default::default() };
    done(&send!(session, drop_partition, message))
}

pub async fn has(session: &Session, input: &mut Input) -> Outcome {
    let (collection_name, partition_name) = (input.word(0)?, input.word(1)?);
    let message = m::HasPartitionRequest { collection_name, partition_name, ..Default::default() };
    let reply = send!(session, has_partition, message);
    accepted(reply.status.as_ref())?;
    yes_or_no(reply.value)
}

pub async fn list(session: &Session, input: &mut Input) -> Outcome {
    let message = m::ShowPartitionsRequest { collection_name: input.word(0)?, ..Default::default() };
    let reply = send!(session, show_partitions, message);
    accepted(reply.status.as_ref())?;
    let mut names = reply.partition_names;
    names.sort();
    each(names)
}

pub async fn statistics(session: &Session, input: &mut Input) -> Outcome {
    let (collection_name, partition_name) = (input.word(0)?, input.word(1)?);
    let message = m::GetPartitionStatisticsRequest { collection_name, partition_name, ..Default::default() };
    let reply = send!(session, get_partition_statistics, message);
    accepted(reply.status.as_ref())?;
    collection::rows(&reply.stats)
}
