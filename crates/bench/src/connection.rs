//! One connection to a server: requests out, errors as [`Error`].

use elanus_proto::common::{KeyValuePair, Status};
use elanus_proto::milvus::milvus_service_client::MilvusServiceClient;
use elanus_proto::milvus::{ConnectRequest, GetVersionRequest};
use elanus_types::{Error, ErrorKind, Result};
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request};

/// A connection of its own; clones share it.
#[derive(Clone)]
pub(crate) struct Connection {
    pub client: MilvusServiceClient<Channel>,
    database: MetadataValue<Ascii>,
}

impl Connection {
    /// Connects.
    pub async fn open(uri: &str, database: &str) -> Result<Self> {
        let endpoint = Endpoint::from_shared(uri.to_owned())
            .map_err(|_| Error::invalid(format!("{uri} is not an address like http://127.0.0.1:19530")))?;
        let channel = endpoint.connect().await.map_err(|error| {
            let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
            Error::new(ErrorKind::Unavailable, format!("no server answers at {uri}: {cause}"))
        })?;
        let database =
            database.parse().map_err(|_| Error::invalid("the database's name is not plain text"))?;
        let client = MilvusServiceClient::new(channel).max_decoding_message_size(usize::MAX);
        Ok(Connection { client, database })
    }

    /// A request with the metadata that every call carries.
    pub fn request<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        request.metadata_mut().insert("dbname", self.database.clone());
        request
    }

    /// What the server calls itself.
    pub async fn version(&self) -> Result<String> {
        let mut client = self.client.clone();
        // Servers may want to be greeted first; old ones do not know the call.
        let greeting = client.connect(self.request(ConnectRequest::default())).await;
        if let Err(status) = greeting.as_ref().map_err(refused)
            && status.kind() == ErrorKind::Unavailable
        {
            return Err(status);
        }
        let answer = client.get_version(self.request(GetVersionRequest {})).await.map_err(|e| refused(&e))?;
        Ok(answer.into_inner().version)
    }
}

/// A failure of the transport or of the server's gRPC layer.
pub(crate) fn refused(status: &tonic::Status) -> Error {
    let kind = match status.code() {
        Code::Unavailable | Code::Unknown => ErrorKind::Unavailable,
        Code::Unimplemented => ErrorKind::Unsupported,
        _ => ErrorKind::Unexpected,
    };
    Error::new(kind, format!("{:?}: {}", status.code(), status.message()))
}

/// An error if the server said no.
pub(crate) fn accepted(status: Option<&Status>) -> Result<()> {
    let Some(status) = status else { return Ok(()) };
    #[allow(deprecated)]
    let legacy = status.error_code;
    if status.code == 0 && legacy == 0 {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Unexpected, format!("{} (code {})", status.reason, status.code)))
}

/// Key-value pairs of the protocol.
pub(crate) fn pairs<const N: usize>(pairs: [(&str, String); N]) -> Vec<KeyValuePair> {
    pairs.into_iter().map(|(key, value)| KeyValuePair { key: key.to_owned(), value }).collect()
}
