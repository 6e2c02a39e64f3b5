//! A connection for what is measured, which costs as little as it can: client and server mostly share a machine, and
//! what the generator spends the server lacks. Requests are encoded beforehand, and nothing stands between them and
//! HTTP/2.

use bytes::{BufMut, Bytes, BytesMut};
use elanus_types::{Error, ErrorKind, Result};
use h2::RecvStream;
use h2::client::{Builder, SendRequest};
use prost::Message;
use std::pin::Pin;
use tokio::net::TcpStream;
use tonic::codegen::http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri, Version};
use tonic::{Code, Status};

const SERVICE: &str = "/milvus.proto.milvus.MilvusService/";
/// Bytes before a gRPC message: whether it is compressed, and its length.
const PREFIX: usize = 5;
const WINDOW: u32 = 8 << 20;

/// What moves a connection's bytes; it must be polled as long as the connection is used.
pub(crate) type Driver = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A connection; clones share it.
#[derive(Clone)]
pub(crate) struct Lean {
    sender: SendRequest<Bytes>,
    /// Of the call's method on the server.
    uri: Uri,
    headers: HeaderMap,
}

/// A message with its gRPC prefix.
pub(crate) fn framed(message: &impl Message) -> Bytes {
    let len = message.encoded_len();
    let mut bytes = BytesMut::with_capacity(PREFIX + len);
    bytes.put_u8(0);
    bytes.put_u32(u32::try_from(len).unwrap_or(u32::MAX));
    // Growing is all that could fail, and `BytesMut` grows.
    let _ = message.encode(&mut bytes);
    bytes.freeze()
}

impl Lean {
    /// Connects to a server like `http://127.0.0.1:19530`, to call one of its methods.
    pub async fn open(server: &str, database: &str, method: &str) -> Result<(Self, Driver)> {
        let bad = || Error::invalid(format!("{server} is not an address like http://127.0.0.1:19530"));
        let base: Uri = server.parse().map_err(|_| bad())?;
        let authority = base.authority().ok_or_else(bad)?;
        let address = format!("{}:{}", authority.host(), authority.port_u16().unwrap_or(19530));
        let unreachable = |cause: String| {
            Error::new(ErrorKind::Unavailable, format!("no server answers at {server}: {cause}"))
        };
        let stream = TcpStream::connect(address).await.map_err(|error| unreachable(error.to_string()))?;
        stream.set_nodelay(true).map_err(|error| unreachable(error.to_string()))?;
        let mut builder = Builder::new();
        builder.initial_window_size(WINDOW).initial_connection_window_size(4 * WINDOW);
        let (sender, connection) =
            builder.handshake(stream).await.map_err(|error| unreachable(error.to_string()))?;
        let uri = format!("http://{authority}{SERVICE}{method}").parse().map_err(|_| bad())?;
        let driver = Box::pin(async {
            // What broke the connection, the searches under way report.
            let _ = connection.await;
        });
        Ok((Self { sender, uri, headers: headers(database)? }, driver))
    }

    /// Sends a message with its prefix (see [`framed`]) and waits for the answer.
    pub async fn call<R: Message + Default>(&self, message: Bytes) -> Result<R> {
        let mut sender = self.sender.clone().ready().await.map_err(broken)?;
        let mut request = Request::new(());
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.uri.clone();
        *request.version_mut() = Version::HTTP_2;
        *request.headers_mut() = self.headers.clone();
        let (answer, mut body) = sender.send_request(request, false).map_err(broken)?;
        body.send_data(message, true).map_err(broken)?;
        let (head, body) = answer.await.map_err(broken)?.into_parts();
        if head.status != StatusCode::OK {
            return Err(Error::new(
                ErrorKind::Unexpected,
                format!("the server answers HTTP {}", head.status),
            ));
        }
        refused(&head.headers)?;
        let bytes = receive(body).await?;
        let message = bytes.get(PREFIX..).unwrap_or_default();
        R::decode(message)
            .map_err(|error| Error::new(ErrorKind::Unexpected, format!("the answer is malformed: {error}")))
    }
}

fn headers(database: &str) -> Result<HeaderMap> {
    let database = HeaderValue::from_str(database)
        .map_err(|_| Error::invalid("the database's name is not plain text"))?;
    let mut headers = HeaderMap::new();
    headers.insert("content-type", HeaderValue::from_static("application/grpc"));
    headers.insert("te", HeaderValue::from_static("trailers"));
    headers.insert("dbname", database);
    Ok(headers)
}

async fn receive(mut body: RecvStream) -> Result<Bytes> {
    let mut whole = Bytes::new();
    while let Some(part) = body.data().await {
        let part = part.map_err(broken)?;
        body.flow_control().release_capacity(part.len()).map_err(broken)?;
        whole = if whole.is_empty() { part } else { Bytes::from([whole, part].concat()) };
    }
    if let Some(trailers) = body.trailers().await.map_err(broken)? {
        refused(&trailers)?;
    }
    Ok(whole)
}

fn refused(headers: &HeaderMap) -> Result<()> {
    match Status::from_header_map(headers) {
        Some(status) if status.code() != Code::Ok => Err(crate::connection::refused(&status)),
        _ => Ok(()),
    }
}

fn broken(error: h2::Error) -> Error {
    Error::new(ErrorKind::Unavailable, format!("the connection failed: {error}"))
}
