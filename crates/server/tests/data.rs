//! Writes and reads over a real connection, in front of a database that remembers what reached it.

use async_trait::async_trait;
use bytes::Bytes;
use elanus_engine::{CatalogChange, CollectionStatus, Db};
use elanus_proto::milvus::milvus_service_client::MilvusServiceClient;
use elanus_proto::milvus::{self as wire};
use elanus_proto::schema::field_data::Field;
use elanus_proto::schema::scalar_field::Data as Scalar;
use elanus_proto::schema::vector_field::Data as Vector;
use elanus_proto::schema::{FieldData, FloatArray, LongArray, ScalarField, StringArray, VectorField};
use elanus_server::{ServeOptions, serve_on};
use elanus_types::input::InputData;
use elanus_types::query::{OutputField, QueryRequest, QueryResult};
use elanus_types::search::{HybridRequest, SearchRequest, SearchResult};
use elanus_types::write::{InsertRequest, Write, WriteOutcome};
use elanus_types::{
    Catalog, CollectionRef, Column, ColumnData, DataType, Error, FieldSchema, Result, Timestamp,
};
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tonic::transport::{Channel, Endpoint};

const ROWS: usize = 4000;
const DIM: usize = 256;

/// Remembers the last insert; collections named `bad` and `broken` fail in two ways.
#[derive(Default)]
struct Remembering {
    insert: Mutex<Option<InsertRequest>>,
}

impl Remembering {
    fn fail(target: &CollectionRef) -> Result<()> {
        match target.name.as_str() {
            "bad" => Err(Error::invalid("the row is wrong")),
            "broken" => panic!("segment {} is gone", 7),
            _ => Ok(()),
        }
    }
}

#[async_trait]
impl Db for Remembering {
    fn catalog(&self) -> Arc<Catalog> {
        Arc::default()
    }
    fn timestamp(&self) -> Timestamp {
        Timestamp(1)
    }
    async fn alter(&self, _: CatalogChange) -> Result<()> {
        Ok(())
    }
    async fn write(&self, write: Write) -> Result<WriteOutcome> {
        match write {
            Write::Insert(request) => {
                Self::fail(&request.target)?;
                let ids = Some(Column::new(ColumnData::Int64((0..request.rows as i64).collect())));
                let count = request.rows;
                *self.insert.lock().unwrap() = Some(request);
                Ok(WriteOutcome { ids, count, timestamp: Timestamp(5) })
            }
            Write::Delete(request) => {
                Self::fail(&request.target)?;
                Ok(WriteOutcome { ids: None, count: 2, timestamp: Timestamp(6) })
            }
        }
    }
    async fn query(&self, request: QueryRequest) -> Result<QueryResult> {
        Self::fail(&request.target)?;
        let texts = Column::from_bytes((0..ROWS).map(|i| format!("{} {i}", request.target.database)));
        let vectors = Column::new(ColumnData::Fixed { width: 4 * DIM, data: vec![1; ROWS * 4 * DIM].into() });
        let mut vector = FieldSchema::new(102, "v", DataType::FloatVector);
        vector.dim = DIM;
        let text = FieldSchema::new(101, "text", DataType::VarChar);
        Ok(QueryResult {
            elements: None,
            collection_name: request.target.name,
            fields: vec![
                OutputField { field: text, column: texts },
                OutputField { field: vector, column: vectors },
            ],
            output_fields: request.output_fields,
            primary_field: "text".into(),
            session_timestamp: Timestamp(8),
            timezone: "UTC".into(),
        })
    }
    async fn search(&self, request: SearchRequest) -> Result<SearchResult> {
        Self::fail(&request.target)?;
        Err(Error::internal("not asked for"))
    }
    async fn hybrid_search(&self, request: HybridRequest) -> Result<SearchResult> {
        Self::fail(&request.target)?;
        Err(Error::internal("not asked for"))
    }
    async fn explain(
        &self,
        _: elanus_types::explain::ExplainRequest,
    ) -> Result<elanus_types::explain::Explain> {
        Err(Error::internal("there are no rows here"))
    }

    async fn flush(&self, _: &CollectionRef) -> Result<Vec<i64>> {
        Ok(Vec::new())
    }
    async fn status(&self, _: &CollectionRef) -> Result<CollectionStatus> {
        Ok(CollectionStatus::default())
    }
}

/// A server over `db` for as long as the test runs, and a connection to it.
async fn served(db: Arc<dyn Db>) -> MilvusServiceClient<Channel> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(serve_on(listener, db, ServeOptions::default(), std::future::pending()));
    let channel = Endpoint::from_shared(address).unwrap().connect().await.unwrap();
    MilvusServiceClient::new(channel).max_decoding_message_size(usize::MAX)
}

fn field(name: &str, field: Field) -> FieldData {
    FieldData { field_name: name.into(), field: Some(field), ..Default::default() }
}

/// Enough rows, with texts, to be converted aside.
fn rows(collection: &str) -> wire::InsertRequest {
    let scalars = |data| Field::Scalars(ScalarField { data: Some(data) });
    let texts = (0..ROWS).map(|i| Bytes::from(format!("{i:100}"))).collect();
    let vectors = FloatArray { data: Bytes::from(vec![3; ROWS * 4 * DIM]) };
    wire::InsertRequest {
        collection_name: collection.into(),
        num_rows: ROWS as u32,
        fields_data: vec![
            field("id", scalars(Scalar::LongData(LongArray { data: (0..ROWS as i64).collect() }))),
            field("text", scalars(Scalar::StringData(StringArray { data: texts }))),
            field(
                "v",
                Field::Vectors(VectorField { dim: DIM as i64, data: Some(Vector::FloatVector(vectors)) }),
            ),
        ],
        ..Default::default()
    }
}

fn in_database<T>(database: &'static str, message: T) -> tonic::Request<T> {
    let mut request = tonic::Request::new(message);
    request.metadata_mut().insert("dbname", database.parse().unwrap());
    request
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn large_inserts_arrive_whole() {
    let db = Arc::new(Remembering::default());
    let mut client = served(db.clone()).await;
    let reply = client.insert(in_database("other", rows("c"))).await.unwrap().into_inner();
    assert_eq!((reply.insert_cnt, reply.timestamp, reply.succ_index.len()), (ROWS as i64, 5, ROWS));
    let insert = db.insert.lock().unwrap().take().unwrap();
    assert_eq!((insert.target.database.as_str(), insert.target.name.as_str()), ("other", "c"));
    let [_, texts, vectors] = insert.fields.as_slice() else { panic!("{} fields", insert.fields.len()) };
    assert!(matches!(&texts.data, InputData::Text(rows) if rows[17] == format!("{:100}", 17)));
    let whole = |data: &Bytes| data.len() == ROWS * 4 * DIM && data.iter().all(|byte| *byte == 3);
    assert!(matches!(&vectors.data, InputData::Vector { data, .. } if whole(data)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn large_answers_arrive_whole() {
    let mut client = served(Arc::new(Remembering::default())).await;
    let query = wire::QueryRequest { collection_name: "c".into(), ..Default::default() };
    let reply = client.query(in_database("other", query)).await.unwrap().into_inner();
    let [texts, vectors] = reply.fields_data.as_slice() else { panic!("{} fields", reply.fields_data.len()) };
    let Some(Field::Scalars(ScalarField { data: Some(Scalar::StringData(texts)) })) = &texts.field else {
        panic!("texts were answered");
    };
    assert_eq!(
        (texts.data.len(), &texts.data[ROWS - 1]),
        (ROWS, &Bytes::from(format!("other {}", ROWS - 1)))
    );
    let Some(Field::Vectors(VectorField { data: Some(Vector::FloatVector(vectors)), .. })) = &vectors.field
    else {
        panic!("vectors were answered");
    };
    assert_eq!(vectors.data.len(), ROWS * 4 * DIM);
}

/// Clients repeat what fails below the status for minutes: everything must come as a status.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[allow(deprecated)]
async fn every_failure_is_a_status() {
    let mut client = served(Arc::new(Remembering::default())).await;
    for (collection, code, reason) in [("bad", 1100, "the row is wrong"), ("broken", 5, "segment 7 is gone")]
    {
        let search = wire::SearchRequest {
            collection_name: collection.into(),
            search_params: vec![elanus_proto::common::KeyValuePair { key: "topk".into(), value: "1".into() }],
            ..Default::default()
        };
        let query = wire::QueryRequest { collection_name: collection.into(), ..Default::default() };
        let delete = wire::DeleteRequest { collection_name: collection.into(), ..Default::default() };
        let statuses = [
            client.insert(rows(collection)).await.unwrap().into_inner().status,
            client.delete(delete).await.unwrap().into_inner().status,
            client.query(query).await.unwrap().into_inner().status,
            client.search(search).await.unwrap().into_inner().status,
        ];
        for status in statuses.map(Option::unwrap) {
            assert_eq!(status.code, code);
            assert_ne!(status.error_code, 0);
            assert!(status.reason.contains(reason), "{}", status.reason);
        }
    }
    let failed = client.insert(rows("bad")).await.unwrap().into_inner();
    assert_eq!((failed.err_index.len(), failed.succ_index.len(), failed.insert_cnt), (ROWS, 0, 0));
}
