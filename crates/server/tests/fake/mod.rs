//! A database without rows: the engine's own catalog, counts as a test sets them.

use async_trait::async_trait;
use elanus_engine::catalog::{apply, initial, plan};
use elanus_engine::validate::Limits;
use elanus_engine::{CatalogChange, CollectionStatus, Db};
use elanus_proto::milvus::milvus_service_client::MilvusServiceClient;
use elanus_server::{ServeOptions, serve_on};
use elanus_types::query::{QueryRequest, QueryResult};
use elanus_types::search::{HybridRequest, SearchRequest, SearchResult};
use elanus_types::write::{Write, WriteOutcome};
use elanus_types::{Catalog, CollectionRef, Error, Result, Timestamp};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tonic::transport::{Channel, Endpoint};

pub type Client = MilvusServiceClient<Channel>;

pub struct FakeDb {
    catalog: Mutex<Arc<Catalog>>,
    clock: AtomicU64,
    /// What every collection's status says.
    pub status: Mutex<CollectionStatus>,
}

impl Default for FakeDb {
    fn default() -> Self {
        Self {
            catalog: Mutex::new(Arc::new(initial())),
            clock: AtomicU64::new(Timestamp::from_millis(1_800_000_000_000).0),
            status: Mutex::default(),
        }
    }
}

#[async_trait]
impl Db for FakeDb {
    fn catalog(&self) -> Arc<Catalog> {
        self.catalog.lock().unwrap().clone()
    }

    fn timestamp(&self) -> Timestamp {
        Timestamp(self.clock.fetch_add(1, Ordering::Relaxed) + 1)
    }

    async fn alter(&self, change: CatalogChange) -> Result<()> {
        let now = self.timestamp();
        let mut catalog = self.catalog.lock().unwrap();
        if let Some(record) = plan(&catalog, &change, &Limits::default(), now)? {
            *catalog = Arc::new(apply(&catalog, &record));
        }
        Ok(())
    }

    async fn write(&self, _: Write) -> Result<WriteOutcome> {
        Err(Error::internal("the fake keeps no rows"))
    }

    async fn query(&self, _: QueryRequest) -> Result<QueryResult> {
        panic!("the fake holds no rows")
    }

    async fn search(&self, _: SearchRequest) -> Result<SearchResult> {
        Err(Error::internal("the fake keeps no rows"))
    }

    async fn hybrid_search(&self, _: HybridRequest) -> Result<SearchResult> {
        Err(Error::internal("the fake keeps no rows"))
    }

    async fn explain(
        &self,
        _: elanus_types::explain::ExplainRequest,
    ) -> Result<elanus_types::explain::Explain> {
        Err(Error::internal("there are no rows here"))
    }

    async fn flush(&self, target: &CollectionRef) -> Result<Vec<i64>> {
        self.catalog().resolve(target).map(|_| vec![7, 8])
    }

    async fn status(&self, target: &CollectionRef) -> Result<CollectionStatus> {
        let id = self.catalog().resolve(target)?.id;
        Ok(CollectionStatus { id, ..self.status.lock().unwrap().clone() })
    }
}

/// A server over a fake database.
pub struct Running {
    pub db: Arc<FakeDb>,
    pub endpoint: Endpoint,
    pub stop: Option<oneshot::Sender<()>>,
    pub ended: JoinHandle<Result<()>>,
}

pub async fn start(options: ServeOptions) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = Endpoint::from_shared(format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let db = Arc::new(FakeDb::default());
    let (stop, stopped) = oneshot::channel();
    let shutdown = async {
        let _ = stopped.await;
    };
    let ended = tokio::spawn(serve_on(listener, db.clone(), options, shutdown));
    Running { db, endpoint, stop: Some(stop), ended }
}

impl Running {
    pub async fn client(&self) -> Client {
        MilvusServiceClient::new(self.endpoint.connect().await.unwrap())
    }
}

/// A running server with default options and a client of it.
pub async fn connected() -> (Running, Client) {
    let running = start(ServeOptions::default()).await;
    let client = running.client().await;
    (running, client)
}
