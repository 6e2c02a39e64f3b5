//! Messages as they arrive, for the fuzzer: any bytes become a request of the engine or a refusal.

use crate::convert::{hybrid, index, query, schema_in, search, write};
use elanus_types::write::InsertRequest;
use elanus_types::{CollectionRef, Error, Result};
use prost::Message;

/// Kinds of messages that [`message`] knows.
pub const KINDS: u8 = 8;

/// Decodes and converts a message of one of the kinds; rows to write are given back.
pub fn message(kind: u8, bytes: &[u8]) -> Result<Option<InsertRequest>> {
    let target = || CollectionRef { database: "default".into(), name: "things".into() };
    let bytes = bytes::Bytes::copy_from_slice(bytes);
    match kind % KINDS {
        0 => return write::insert(target(), decoded(bytes)?).map(Some),
        1 => return write::upsert(target(), decoded(bytes)?).map(Some),
        2 => write::delete(target(), decoded(bytes)?).map(drop)?,
        3 => search::request(target(), decoded(bytes)?).map(drop)?,
        4 => hybrid::request(target(), decoded(bytes)?).map(drop)?,
        5 => query::request(target(), decoded(bytes)?).map(drop)?,
        6 => index::new_index(target(), decoded(bytes)?).map(drop)?,
        _ => schema_in::new_collection(target(), decoded(bytes)?).map(drop)?,
    }
    Ok(None)
}

fn decoded<M: Message + Default>(bytes: bytes::Bytes) -> Result<M> {
    M::decode(bytes).map_err(|error| Error::invalid(format!("not a message: {error}")))
}
