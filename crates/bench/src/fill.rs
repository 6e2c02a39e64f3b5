//! Filling a collection: create, insert, flush, index, load, each timed.

use crate::Say;
use crate::connection::{Connection, accepted, pairs, refused};
use crate::lean::{Lean, framed};
use crate::npy::Array;
use crate::plan::{Plan, bucket};
use crate::report::FillReport;
use bytes::Bytes;
use elanus_kernels::{Element, convert};
use elanus_proto::schema::{
    self, CollectionSchema, DataType, FieldData, FieldSchema, FloatArray, LongArray, ScalarField, VectorField,
};
use elanus_proto::{common, milvus};
use elanus_types::{Error, ErrorKind, Result};
use prost::Message;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// The vector field.
pub(crate) const VECTOR: &str = "vector";
const POLL: Duration = Duration::from_millis(100);

/// Replaces the plan's collection and fills it.
pub(crate) async fn run(
    plan: &Plan,
    vectors: &Array,
    connection: &Connection,
    say: Say<'_>,
) -> Result<FillReport> {
    create(plan, vectors, connection).await?;
    let inserted = insert(plan, vectors).await?;
    let begin = Instant::now().checked_sub(inserted).unwrap_or_else(Instant::now);
    let rate = vectors.rows as f64 / inserted.as_secs_f64();
    say(&format!("inserted {} rows in {:.2} s: {rate:.0} rows/s", vectors.rows, inserted.as_secs_f64()));
    flush(plan, connection).await?;
    create_index(plan, connection).await?;
    wait_for_index(plan, connection, begin + plan.index_timeout, say).await?;
    load(plan, connection).await?;
    let ready = begin.elapsed();
    say(&format!("indexed and loaded after {:.2} s", ready.as_secs_f64()));
    Ok(FillReport { rows: vectors.rows, dimensions: vectors.columns, inserted, ready })
}

async fn create(plan: &Plan, vectors: &Array, connection: &Connection) -> Result<()> {
    let mut client = connection.client.clone();
    let old =
        milvus::DropCollectionRequest { collection_name: plan.collection.clone(), ..Default::default() };
    let dropped = client.drop_collection(connection.request(old)).await.map_err(|e| refused(&e))?;
    accepted(Some(dropped.get_ref()))?;
    let message = milvus::CreateCollectionRequest {
        collection_name: plan.collection.clone(),
        schema: schema(plan, vectors.columns).encode_to_vec().into(),
        shards_num: 1,
        consistency_level: common::ConsistencyLevel::Bounded.into(),
        ..Default::default()
    };
    let created = client.create_collection(connection.request(message)).await.map_err(|e| refused(&e))?;
    accepted(Some(created.get_ref()))
}

fn schema(plan: &Plan, dim: usize) -> CollectionSchema {
    let field = |name: &str, data_type: DataType| FieldSchema {
        name: name.to_owned(),
        data_type: data_type.into(),
        ..Default::default()
    };
    let vector = if plan.half { DataType::Float16Vector } else { DataType::FloatVector };
    let fields = vec![
        FieldSchema { is_primary_key: true, ..field("id", DataType::Int64) },
        field("bucket", DataType::Int64),
        FieldSchema { type_params: pairs([("dim", dim.to_string())]), ..field(VECTOR, vector) },
    ];
    CollectionSchema { name: plan.collection.clone(), fields, ..Default::default() }
}

/// Sends all batches over the plan's connections, each taking the next batch when its last is acknowledged; returns how
/// long that took. The batches are encoded before.
async fn insert(plan: &Plan, vectors: &Array) -> Result<Duration> {
    let step = plan.batch.max(1);
    let begins: Vec<usize> = (0..vectors.rows).step_by(step).collect();
    let batches: Arc<Vec<Bytes>> =
        Arc::new(begins.iter().map(|begin| batch(plan, vectors, *begin)).collect());
    let mut connections = Vec::new();
    for _ in 0..plan.insert_clients.max(1) {
        connections.push(Lean::open(&plan.uri, &plan.database, "Insert").await?);
    }
    let begun = Instant::now();
    let next = Arc::new(AtomicUsize::new(0));
    let mut senders = tokio::task::JoinSet::new();
    for (connection, driver) in connections {
        let (batches, next) = (batches.clone(), next.clone());
        senders.spawn(async move {
            let sending = send(&connection, &batches, &next, step);
            tokio::pin!(sending);
            tokio::select! {
                done = &mut sending => done,
                () = driver => sending.await,
            }
        });
    }
    while let Some(done) = senders.join_next().await {
        done.map_err(|error| Error::internal(format!("an inserting task failed: {error}")))??;
    }
    Ok(begun.elapsed())
}

async fn send(connection: &Lean, batches: &[Bytes], next: &AtomicUsize, step: usize) -> Result<()> {
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        let Some(batch) = batches.get(number) else { return Ok(()) };
        let answer: milvus::MutationResult = connection.call(batch.clone()).await?;
        accepted(answer.status.as_ref())
            .map_err(|error| error.context(format_args!("the batch from row {}", number * step)))?;
    }
}

fn batch(plan: &Plan, vectors: &Array, begin: usize) -> Bytes {
    let end = (begin + plan.batch.max(1)).min(vectors.rows);
    framed(&milvus::InsertRequest {
        collection_name: plan.collection.clone(),
        fields_data: columns(plan, vectors, begin, end),
        num_rows: (end - begin) as u32,
        ..Default::default()
    })
}

fn columns(plan: &Plan, vectors: &Array, begin: usize, end: usize) -> Vec<FieldData> {
    let ids: Vec<i64> = (begin as i64..end as i64).collect();
    let buckets = ids.iter().copied().map(bucket).collect();
    let floats = vectors.slice(begin, end);
    let data = if plan.half {
        let halves = convert::convert(Element::F32, Element::F16, &floats);
        schema::vector_field::Data::Float16Vector(halves.into())
    } else {
        schema::vector_field::Data::FloatVector(FloatArray { data: floats })
    };
    let vector = VectorField { dim: vectors.columns as i64, data: Some(data) };
    let vector_type = if plan.half { DataType::Float16Vector } else { DataType::FloatVector };
    vec![
        longs("id", ids),
        longs("bucket", buckets),
        FieldData {
            r#type: vector_type.into(),
            field_name: VECTOR.to_owned(),
            field: Some(schema::field_data::Field::Vectors(vector)),
            ..Default::default()
        },
    ]
}

fn longs(name: &str, data: Vec<i64>) -> FieldData {
    let scalars = ScalarField { data: Some(schema::scalar_field::Data::LongData(LongArray { data })) };
    FieldData {
        r#type: DataType::Int64.into(),
        field_name: name.to_owned(),
        field: Some(schema::field_data::Field::Scalars(scalars)),
        ..Default::default()
    }
}

async fn flush(plan: &Plan, connection: &Connection) -> Result<()> {
    let mut client = connection.client.clone();
    let message =
        milvus::FlushRequest { collection_names: vec![plan.collection.clone()], ..Default::default() };
    let answer = client.flush(connection.request(message)).await.map_err(|e| refused(&e))?.into_inner();
    accepted(answer.status.as_ref())?;
    let message = milvus::GetFlushStateRequest {
        segment_i_ds: answer
            .coll_seg_i_ds
            .get(&plan.collection)
            .map(|ids| ids.data.clone())
            .unwrap_or_default(),
        flush_ts: answer.coll_flush_ts.get(&plan.collection).copied().unwrap_or_default(),
        collection_name: plan.collection.clone(),
        ..Default::default()
    };
    loop {
        let state =
            client.get_flush_state(connection.request(message.clone())).await.map_err(|e| refused(&e))?;
        accepted(state.get_ref().status.as_ref())?;
        if state.get_ref().flushed {
            return Ok(());
        }
        tokio::time::sleep(POLL).await;
    }
}

async fn create_index(plan: &Plan, connection: &Connection) -> Result<()> {
    let params = serde_json::Value::Object(plan.index_params.clone()).to_string();
    let message = milvus::CreateIndexRequest {
        collection_name: plan.collection.clone(),
        field_name: VECTOR.to_owned(),
        extra_params: pairs([
            ("index_type", plan.index.clone()),
            ("metric_type", plan.metric.name().to_owned()),
            ("params", params),
        ]),
        ..Default::default()
    };
    let answer =
        connection.client.clone().create_index(connection.request(message)).await.map_err(|e| refused(&e))?;
    accepted(Some(answer.get_ref()))
}

/// Until every row is in an index.
async fn wait_for_index(plan: &Plan, connection: &Connection, end: Instant, say: Say<'_>) -> Result<()> {
    let message = milvus::DescribeIndexRequest {
        collection_name: plan.collection.clone(),
        field_name: VECTOR.to_owned(),
        ..Default::default()
    };
    let mut told = Instant::now();
    loop {
        let mut client = connection.client.clone();
        let answer =
            client.describe_index(connection.request(message.clone())).await.map_err(|e| refused(&e))?;
        accepted(answer.get_ref().status.as_ref())?;
        let index = answer.get_ref().index_descriptions.first().cloned().unwrap_or_default();
        if index.state == i32::from(common::IndexState::Finished) && index.pending_index_rows == 0 {
            return Ok(());
        }
        if index.state == i32::from(common::IndexState::Failed) {
            return Err(Error::internal(format!("the index failed: {}", index.index_state_fail_reason)));
        }
        if Instant::now() > end {
            return Err(Error::new(ErrorKind::Timeout, "the index was not ready in time"));
        }
        if told.elapsed() > Duration::from_secs(10) {
            say(&format!("indexed {} of {} rows", index.indexed_rows, index.total_rows));
            told = Instant::now();
        }
        tokio::time::sleep(POLL).await;
    }
}

async fn load(plan: &Plan, connection: &Connection) -> Result<()> {
    let mut client = connection.client.clone();
    let name = plan.collection.clone();
    let message = milvus::LoadCollectionRequest {
        collection_name: name.clone(),
        replica_number: 1,
        ..Default::default()
    };
    let answer = client.load_collection(connection.request(message)).await.map_err(|e| refused(&e))?;
    accepted(Some(answer.get_ref()))?;
    let message = milvus::GetLoadingProgressRequest { collection_name: name, ..Default::default() };
    loop {
        let answer = client
            .get_loading_progress(connection.request(message.clone()))
            .await
            .map_err(|e| refused(&e))?;
        accepted(answer.get_ref().status.as_ref())?;
        if answer.get_ref().progress >= 100 {
            return Ok(());
        }
        tokio::time::sleep(POLL).await;
    }
}
