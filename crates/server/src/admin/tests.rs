use super::*;
use async_trait::async_trait;
use elanus_engine::{CatalogChange, CollectionStatus, IndexStatus};
use elanus_types::query::{QueryRequest, QueryResult};
use elanus_types::search::{HybridRequest, SearchRequest, SearchResult};
use elanus_types::write::{Write, WriteOutcome};
use elanus_types::{Catalog, CollectionRef, CollectionSchema, Timestamp};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// A database with one collection of three rows and a damaged one.
struct Fixed;

fn refused<T>() -> Result<T> {
    Err(Error::internal("not asked for"))
}

#[async_trait]
impl Db for Fixed {
    fn catalog(&self) -> Arc<Catalog> {
        let mut catalog = Catalog::default();
        for (id, name) in [(1, "good"), (2, "bad")] {
            catalog.collections.insert(id, Arc::new(collection(id, name)));
        }
        Arc::new(catalog)
    }
    fn timestamp(&self) -> Timestamp {
        Timestamp::ZERO
    }
    async fn alter(&self, _: CatalogChange) -> Result<()> {
        refused()
    }
    async fn write(&self, _: Write) -> Result<WriteOutcome> {
        refused()
    }
    async fn query(&self, _: QueryRequest) -> Result<QueryResult> {
        refused()
    }
    async fn search(&self, _: SearchRequest) -> Result<SearchResult> {
        refused()
    }
    async fn hybrid_search(&self, _: HybridRequest) -> Result<SearchResult> {
        refused()
    }
    async fn explain(
        &self,
        _: elanus_types::explain::ExplainRequest,
    ) -> Result<elanus_types::explain::Explain> {
        Err(Error::internal("there are no rows here"))
    }

    async fn flush(&self, _: &CollectionRef) -> Result<Vec<i64>> {
        refused()
    }
    async fn status(&self, target: &CollectionRef) -> Result<CollectionStatus> {
        if target.name == "bad" {
            return Err(Error::damaged("segment 7: wrong checksum"));
        }
        let (resolved, measured) = ("HNSW".into(), "ef 20 for 10 hits".into());
        let index =
            IndexStatus { name: "v".into(), pending_rows: 2, resolved, measured, ..Default::default() };
        Ok(CollectionStatus { id: 1, rows: 3, indexes: vec![index], ..Default::default() })
    }
}

fn collection(id: i64, name: &str) -> elanus_types::CollectionMeta {
    elanus_types::CollectionMeta {
        id,
        name: name.into(),
        database: "default".into(),
        schema: Arc::new(CollectionSchema { fields: Vec::new(), ..CollectionSchema::default() }),
        partitions: Vec::new(),
        indexes: Vec::new(),
        properties: Default::default(),
        shards: 1,
        consistency_level: 0,
        created: Timestamp::ZERO,
        updated: Timestamp::ZERO,
        load: Default::default(),
        load_fields: Vec::new(),
        next_field_id: 100,
    }
}

/// Status line and body of one GET.
async fn get(address: std::net::SocketAddr, path: &str) -> (String, String) {
    let mut stream = tokio::net::TcpStream::connect(address).await.expect("it listens");
    let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("answered");
    let (head, body) = answer.split_once("\r\n\r\n").expect("head and body");
    (head.lines().next().unwrap_or_default().to_owned(), body.to_owned())
}

#[tokio::test]
async fn tells_of_every_phase() {
    let admin = Admin::new("1.2.3");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("bound");
    let served = admin.clone();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let server = tokio::spawn(async move {
        let until = async {
            let _ = stopped.await;
        };
        served.serve(listener, until).await
    });

    assert!(get(address, "/livez").await.0.contains("200"));
    assert!(get(address, "/healthz").await.0.contains("503"));
    assert!(get(address, "/metrics").await.1.contains("elanus_ready 0\n"));

    admin.serving(Arc::new(Fixed));
    calls::observe("AdminTest", 1100, Duration::from_millis(3));
    assert!(get(address, "/healthz").await.0.contains("200"));
    let metrics = get(address, "/metrics").await.1;
    for line in [
        "elanus_ready 1\n",
        "elanus_rows{database=\"default\",collection=\"good\"} 3\n",
        "elanus_collection_damaged{database=\"default\",collection=\"bad\"} 1\n",
        "elanus_calls_total{call=\"AdminTest\",code=\"1100\"} 1\n",
        "elanus_call_duration_seconds_count{call=\"AdminTest\"} 1\n",
    ] {
        assert!(metrics.contains(line), "{line} not in\n{metrics}");
    }
    let status: serde_json::Value = serde_json::from_str(&get(address, "/status").await.1).expect("JSON");
    assert_eq!((&status["state"], &status["version"]), (&"serving".into(), &"1.2.3".into()));
    assert_eq!(status["collections"][0]["indexes"][0]["resolved"], "HNSW");
    assert_eq!(status["collections"][0]["indexes"][0]["measured"], "ef 20 for 10 hits");
    assert_eq!(status["collections"][1]["damaged"], "segment 7: wrong checksum");

    admin.stopping();
    assert_eq!(get(address, "/healthz").await.1, "stopping");
    assert!(get(address, "/livez").await.0.contains("200"));
    assert!(get(address, "/none").await.0.contains("404"));
    stop.send(()).expect("it waits");
    server.await.expect("no panic").expect("no error");
}
