//! Databases.

use super::{Input, done, listed};
use crate::session::{Outcome, Session, accepted, each, send};
use elanus_proto::milvus as m;

pub async fn create(session: &Session, input: &mut Input) -> Outcome {
    let (db_name, properties) = (input.word(0)?, input.pairs("properties"));
    done(&send!(
        session,
        create_database,
        m::CreateDatabaseRequest { db_name, properties, ..Default::default() }
    ))
}

pub async fn drop(session: &Session, input: &mut Input) -> Outcome {
    let db_name = input.word(0)?;
    done(&send!(session, drop_database, m::DropDatabaseRequest { db_name, ..Default::default() }))
}

/// Those of the scenario only: others run at the same time.
pub async fn list(session: &Session) -> Outcome {
    let reply = send!(session, list_databases, m::ListDatabasesRequest::default());
    accepted(reply.status.as_ref())?;
    let mine = reply.db_names.into_iter().filter(|name| name == "default" || name.starts_with(&session.home));
    each(mine)
}

pub async fn describe(session: &Session, input: &mut Input) -> Outcome {
    let message = m::DescribeDatabaseRequest { db_name: input.word(0)?, ..Default::default() };
    let reply = send!(session, describe_database, message);
    accepted(reply.status.as_ref())?;
    let mut lines = vec![vec!["name".into(), reply.db_name.into()]];
    lines.extend(listed(&reply.properties, &[]));
    Ok(lines)
}

pub async fn alter(session: &Session, input: &mut Input) -> Outcome {
    let message = m::AlterDatabaseRequest {
        db_name: input.word(0)?,
        properties: input.pairs("properties"),
        delete_keys: input.arguments.texts("delete"),
        ..Default::default()
    };
    done(&send!(session, alter_database, message))
}

/// What follows happens in another database; as a client does, it asks whether there is one.
pub async fn choose(session: &mut Session, input: &mut Input) -> Outcome {
    let chosen = Session { database: input.word(0)?, ..session.clone() };
    let reply = send!(chosen, connect, m::ConnectRequest::default());
    accepted(reply.status.as_ref())?;
    *session = chosen;
    Ok(vec![vec!["ok".into()]])
}
