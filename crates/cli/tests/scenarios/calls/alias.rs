//! Aliases.

use super::{Input, done};
use crate::session::{Outcome, Session, accepted, each, line, send};
use elanus_proto::milvus as m;

/// `create_alias COLLECTION ALIAS`.
pub async fn create(session: &Session, input: &mut Input) -> Outcome {
    let (collection_name, alias) = (input.word(0)?, input.word(1)?);
    done(&send!(
        session,
        create_alias,
        m::CreateAliasRequest { collection_name, alias, ..Default::default() }
    ))
}

/// `alter_alias COLLECTION ALIAS`.
pub async fn alter(session: &Session, input: &mut Input) -> Outcome {
    let (collection_name, alias) = (input.word(0)?, input.word(1)?);
    done(&send!(session, alter_alias, m::AlterAliasRequest { collection_name, alias, ..Default::default() }))
}

pub async fn drop(session: &Session, input: &mut Input) -> Outcome {
    let alias = input.word(0)?;
    done(&send!(session, drop_alias, m::DropAliasRequest { alias, ..Default::default() }))
}

pub async fn describe(session: &Session, input: &mut Input) -> Outcome {
    let message = m::DescribeAliasRequest { alias: input.word(0)?, ..Default::default() };
    let reply = send!(session, describe_alias, message);
    accepted(reply.status.as_ref())?;
    Ok(vec![line([reply.alias.into(), reply.collection.into()])])
}

/// Of one collection, or of all.
pub async fn list(session: &Session, input: &mut Input) -> Outcome {
    let collection_name = input.words.first().cloned().unwrap_or_default();
    let reply = send!(session, list_aliases, m::ListAliasesRequest { collection_name, ..Default::default() });
    accepted(reply.status.as_ref())?;
    let mut aliases = reply.aliases;
    aliases.sort();
    each(aliases)
}
