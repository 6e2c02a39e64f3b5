//! Fields of a collection that exists.

use super::{Input, done};
use crate::schema;
use crate::session::{Outcome, Session, send};
use elanus_proto::milvus as m;
use elanus_proto::milvus::alter_collection_schema_request::action::Op;
use elanus_proto::milvus::alter_collection_schema_request::{Action, AddRequest, FieldInfo};
use prost::Message;

/// `add_field COLLECTION`, the field below it. Newer clients send the call that changes schemas, with `old: true` it is
/// the one of 2.6.
pub async fn add(session: &Session, input: &mut Input) -> Outcome {
    let collection_name = input.word(0)?;
    let field = schema::read(&input.body)?.fields.pop().ok_or("a field is missing")?;
    if input.arguments.flag("old") {
        let schema = field.encode_to_vec().into();
        let message = m::AddCollectionFieldRequest { collection_name, schema, ..Default::default() };
        return done(&send!(session, add_collection_field, message));
    }
    let info = FieldInfo { field_schema: Some(field), ..Default::default() };
    let add = AddRequest { field_infos: vec![info], ..Default::default() };
    let action = Some(Action { op: Some(Op::AddRequest(add)) });
    let message = m::AlterCollectionSchemaRequest { collection_name, action, ..Default::default() };
    let reply = send!(session, alter_collection_schema, message);
    done(&reply.alter_status.ok_or("the answer has no status")?)
}
