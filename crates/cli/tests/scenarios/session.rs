//! What a scenario's calls share: the connection, the database in use, how failures are told apart.

use elanus_proto::common::Status;
use elanus_proto::milvus as m;
use elanus_proto::milvus::milvus_service_client::MilvusServiceClient;
use elanus_proto::schema::CollectionSchema;
use serde_json::{Map, Value};
use tonic::Request;
use tonic::transport::Channel;

/// Why a call has no answer.
#[derive(Debug)]
pub enum Failure {
    /// The server said no: code and text.
    Refused(String, String),
    /// The step itself is wrong, or the server broke the protocol.
    Broken(String),
}

impl From<String> for Failure {
    fn from(text: String) -> Self {
        Failure::Broken(text)
    }
}

impl From<&str> for Failure {
    fn from(text: &str) -> Self {
        Failure::Broken(text.to_owned())
    }
}

impl From<tonic::Status> for Failure {
    fn from(status: tonic::Status) -> Self {
        Failure::Refused(format!("{:?}", status.code()), status.message().to_owned())
    }
}

/// Lines of an answer.
pub type Outcome = Result<Vec<Vec<Value>>, Failure>;

/// Sends one message with one method of the client.
macro_rules! send {
    ($session:expr, $method:ident, $message:expr) => {{
        let request = $session.request($message)?;
        $session.client.clone().$method(request).await?.into_inner()
    }};
}
pub(crate) use send;

/// One user of the server.
#[derive(Clone)]
pub struct Session {
    pub client: MilvusServiceClient<Channel>,
    /// Where names are looked up.
    pub database: String,
    /// The database made for the scenario; others that it makes begin with this name.
    pub home: String,
}

impl Session {
    /// A message with the metadata that clients send.
    pub fn request<T>(&self, message: T) -> Result<Request<T>, Failure> {
        let mut request = Request::new(message);
        let database = self.database.parse().map_err(|_| "the database's name is not plain text")?;
        request.metadata_mut().insert("dbname", database);
        Ok(request)
    }

    /// The collection's schema; an empty one where there is none, so that the call itself meets the error.
    pub async fn schema(&self, collection: &str) -> Result<CollectionSchema, Failure> {
        let message =
            m::DescribeCollectionRequest { collection_name: collection.to_owned(), ..Default::default() };
        Ok(send!(self, describe_collection, message).schema.unwrap_or_default())
    }
}

/// Fails unless the status says success. Clients of different makes look at different fields, so these must agree.
#[allow(deprecated)]
pub fn accepted(status: Option<&Status>) -> Result<(), Failure> {
    let status = status.ok_or("the answer has no status")?;
    match (status.code, status.error_code) {
        (0, 0) => Ok(()),
        (0, _) | (_, 0) => Err(format!("code and error_code disagree: {status:?}").into()),
        (code, _) if status.reason.is_empty() => Err(format!("error {code} without a reason").into()),
        (code, _) => Err(Failure::Refused(code.to_string(), status.reason.clone())),
    }
}

/// Named arguments; each may be taken once.
pub struct Arguments(Map<String, Value>);

impl Arguments {
    pub fn new(map: Map<String, Value>) -> Self {
        Self(map)
    }

    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    pub fn take(&mut self, name: &str) -> Option<Value> {
        self.0.remove(name)
    }

    /// A text; numbers and flags as they are written.
    pub fn text(&mut self, name: &str) -> Option<String> {
        self.take(name).map(|value| plain(&value))
    }

    pub fn int(&mut self, name: &str) -> Result<Option<i64>, Failure> {
        let read = |value: Value| {
            value.as_i64().ok_or_else(|| format!("{name}: {value} is not a whole number").into())
        };
        self.take(name).map(read).transpose()
    }

    pub fn flag(&mut self, name: &str) -> bool {
        self.take(name) == Some(Value::Bool(true))
    }

    /// A list of texts; one text stands for a list of one.
    pub fn texts(&mut self, name: &str) -> Vec<String> {
        match self.take(name) {
            None => Vec::new(),
            Some(Value::Array(items)) => items.iter().map(plain).collect(),
            Some(one) => vec![plain(&one)],
        }
    }

    pub fn map(&mut self, name: &str) -> Map<String, Value> {
        match self.take(name) {
            Some(Value::Object(map)) => map,
            _ => Map::new(),
        }
    }

    /// Fails if something was written that no call knows.
    pub fn finish(&self) -> Result<(), Failure> {
        match self.0.keys().next() {
            None => Ok(()),
            Some(name) => Err(format!("the call knows no argument {name}").into()),
        }
    }
}

/// A value as text, without quotes around it.
pub fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// One line of values.
pub fn line<const N: usize>(values: [Value; N]) -> Vec<Value> {
    values.to_vec()
}

/// Each text on a line of its own.
pub fn each(texts: impl IntoIterator<Item = String>) -> Outcome {
    Ok(texts.into_iter().map(|text| vec![Value::String(text)]).collect())
}
