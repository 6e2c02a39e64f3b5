//! Listens and serves until told to stop.

use crate::rpc::{Health, Service};
use crate::transport::final_codes;
use elanus_engine::Db;
use elanus_proto::milvus::milvus_service_server::MilvusServiceServer;
use elanus_types::{Error, Result};
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tower::util::MapResponseLayer;

/// How to serve.
#[derive(Clone, Debug)]
pub struct ServeOptions {
    /// Where to listen; port 0 takes any free one.
    pub addr: SocketAddr,
    /// Largest request in bytes; a larger one is refused with `RESOURCE_EXHAUSTED`.
    pub max_request_bytes: usize,
    /// How long calls under way may go on after the order to stop.
    pub drain: Duration,
    /// The version that clients are told. They compare the numbers before the `+` with versions of Milvus.
    pub version: String,
}

impl Default for ServeOptions {
    fn default() -> Self {
        Self {
            addr: SocketAddr::from(([127, 0, 0, 1], 19530)),
            max_request_bytes: 64 << 20,
            drain: Duration::from_secs(10),
            version: concat!("3.0.0+elanus.", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}

/// Serves `db` until `shutdown` is ready, then lets calls under way end for at most `options.drain`.
pub async fn serve(
    db: Arc<dyn Db>,
    options: ServeOptions,
    shutdown: impl Future<Output = ()> + Send,
) -> Result<()> {
    let listener = TcpListener::bind(options.addr)
        .await
        .map_err(|error| Error::io(format_args!("cannot listen on {}", options.addr), &error))?;
    serve_on(listener, db, options, shutdown).await
}

/// Like [`serve`], on a socket that listens already; `options.addr` is not used.
pub async fn serve_on(
    listener: TcpListener,
    db: Arc<dyn Db>,
    options: ServeOptions,
    shutdown: impl Future<Output = ()> + Send,
) -> Result<()> {
    // Answers are bounded by the engine.
    let service = MilvusServiceServer::new(Service::new(db, &options.version))
        .max_decoding_message_size(options.max_request_bytes)
        .max_encoding_message_size(usize::MAX);
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
    let (stop, stopped) = oneshot::channel::<()>();
    let server = server()
        .layer(MapResponseLayer::new(final_codes))
        .add_service(Health)
        .add_service(service)
        .serve_with_incoming_shutdown(incoming, async {
            let _ = stopped.await;
        });
    let mut server = std::pin::pin!(server);
    let ended = tokio::select! {
        ended = &mut server => ended,
        () = shutdown => {
            let _ = stop.send(());
            match tokio::time::timeout(options.drain, server).await {
                Ok(ended) => ended,
                Err(_) => {
                    tracing::warn!(drain = ?options.drain, "calls still under way are cut off");
                    Ok(())
                }
            }
        }
    };
    ended.map_err(|error| Error::internal(format!("the server stopped: {error}")))
}

/// HTTP/2 as clients need it: windows that keep a fast link full, and pings at any time.
fn server() -> Server {
    Server::builder()
        .initial_stream_window_size(8 << 20)
        .initial_connection_window_size(32 << 20)
        .max_frame_size(64 << 10)
        .max_concurrent_streams(4096)
        .http2_keepalive_interval(Some(Duration::from_secs(60)))
        .http2_keepalive_timeout(Some(Duration::from_secs(20)))
}
