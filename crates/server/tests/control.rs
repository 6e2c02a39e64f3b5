//! The control plane as a client sees it.

#![allow(missing_docs, deprecated)]

#[allow(dead_code)]
mod fake;

use elanus_engine::IndexStatus;
use elanus_proto::common::{IndexState, KeyValuePair, LoadState, Status};
use elanus_proto::milvus as m;
use elanus_proto::schema::{CollectionSchema, DataType, FieldSchema};
use fake::{Client, connected};
use prost::Message;
use tonic::Request;

fn pair(key: &str, value: &str) -> KeyValuePair {
    KeyValuePair { key: key.into(), value: value.into() }
}

fn schema() -> CollectionSchema {
    let id = FieldSchema {
        name: "id".into(),
        data_type: DataType::Int64.into(),
        is_primary_key: true,
        ..Default::default()
    };
    let vector = FieldSchema {
        name: "v".into(),
        data_type: DataType::FloatVector.into(),
        type_params: vec![pair("dim", "4")],
        ..Default::default()
    };
    CollectionSchema { fields: vec![id, vector], enable_dynamic_field: true, ..Default::default() }
}

fn creation(name: &str) -> m::CreateCollectionRequest {
    m::CreateCollectionRequest {
        collection_name: name.into(),
        schema: schema().encode_to_vec().into(),
        shards_num: 2,
        consistency_level: 2,
        ..Default::default()
    }
}

fn ok(status: &Status) {
    assert_eq!((status.code, status.error_code), (0, 0), "{}", status.reason);
    assert!(status.extra_info.is_empty());
}

async fn create(client: &mut Client, name: &str) {
    ok(client.create_collection(creation(name)).await.unwrap().get_ref());
}

async fn index(client: &mut Client, name: &str) {
    let request = m::CreateIndexRequest {
        collection_name: name.into(),
        field_name: "v".into(),
        extra_params: vec![pair("metric_type", "L2")],
        ..Default::default()
    };
    ok(client.create_index(request).await.unwrap().get_ref());
}

async fn describe(client: &mut Client, name: &str) -> m::DescribeCollectionResponse {
    let request = m::DescribeCollectionRequest { collection_name: name.into(), ..Default::default() };
    client.describe_collection(request).await.unwrap().into_inner()
}

#[tokio::test]
async fn connecting_tells_a_number_and_checks_the_database() {
    let (_running, mut client) = connected().await;
    let reply = client.connect(m::ConnectRequest::default()).await.unwrap().into_inner();
    ok(&reply.status.unwrap());
    assert_ne!(reply.identifier, 0);
    assert!(reply.server_info.unwrap().build_tags.starts_with("3.0.0+"));
    let mut request = Request::new(m::ConnectRequest::default());
    request.metadata_mut().insert("dbname", "nowhere".parse().unwrap());
    let status = client.connect(request).await.unwrap().into_inner().status.unwrap();
    assert_eq!((status.code, status.reason.as_str()), (800, "database not found[database=nowhere]"));
}

#[tokio::test]
async fn a_collection_is_described_with_all_that_clients_read() {
    let (_running, mut client) = connected().await;
    create(&mut client, "c").await;
    let alias =
        m::CreateAliasRequest { collection_name: "c".into(), alias: "a".into(), ..Default::default() };
    ok(client.create_alias(alias).await.unwrap().get_ref());
    let by_alias = describe(&mut client, "a").await;
    ok(by_alias.status.as_ref().unwrap());
    assert_eq!((by_alias.collection_name.as_str(), by_alias.db_name.as_str()), ("c", "default"));
    assert_eq!(by_alias.aliases, ["a"]);
    assert_eq!((by_alias.shards_num, by_alias.num_partitions, by_alias.db_id), (2, 1, 1));
    assert_eq!(by_alias.consistency_level, 2);
    assert_eq!(by_alias.virtual_channel_names.len(), 2);
    assert_ne!(by_alias.update_timestamp, 0);
    assert_eq!(by_alias.update_timestamp_str, by_alias.update_timestamp.to_string());
    assert_eq!(by_alias.created_utc_timestamp, by_alias.created_timestamp >> 18);
    let fields = by_alias.schema.unwrap().fields;
    assert_eq!(fields.iter().map(|field| field.name.as_str()).collect::<Vec<_>>(), ["id", "v"]);

    let request =
        m::DescribeCollectionRequest { collection_id: by_alias.collection_id, ..Default::default() };
    let by_id = client.describe_collection(request).await.unwrap().into_inner();
    assert_eq!(by_id.collection_name, "c");
}

#[tokio::test]
async fn a_missing_collection_is_told_apart_from_other_failures() {
    let (_running, mut client) = connected().await;
    let status = describe(&mut client, "x").await.status.unwrap();
    assert_eq!((status.code, status.error_code), (100, 4));
    assert_eq!(status.reason, "can't find collection[database=default][collection=x]");
    let load = m::LoadCollectionRequest { collection_name: "x".into(), ..Default::default() };
    let status = client.load_collection(load).await.unwrap().into_inner();
    assert_eq!((status.code, status.error_code), (100, 4));
    assert_eq!(status.reason, "collection not found[database=default][collection=x]");
    let state = m::GetLoadStateRequest { collection_name: "x".into(), ..Default::default() };
    let reply = client.get_load_state(state).await.unwrap().into_inner();
    ok(reply.status.as_ref().unwrap());
    assert_eq!(reply.state(), LoadState::NotExist);
    let has = m::HasCollectionRequest { collection_name: "x".into(), ..Default::default() };
    let reply = client.has_collection(has).await.unwrap().into_inner();
    ok(reply.status.as_ref().unwrap());
    assert!(!reply.value);
}

#[tokio::test]
async fn several_descriptions_have_a_status_each() {
    let (_running, mut client) = connected().await;
    create(&mut client, "c").await;
    let collection_name = vec!["c".into(), "x".into()];
    let request = m::BatchDescribeCollectionRequest { collection_name, ..Default::default() };
    let reply = client.batch_describe_collection(request).await.unwrap().into_inner();
    ok(&reply.status.unwrap());
    let codes: Vec<i32> = reply.responses.iter().map(|one| one.status.as_ref().unwrap().code).collect();
    assert_eq!(codes, [0, 100]);
}

#[tokio::test]
async fn the_database_comes_from_the_body_or_the_metadata() {
    let (_running, mut client) = connected().await;
    let database = m::CreateDatabaseRequest { db_name: "d".into(), ..Default::default() };
    ok(client.create_database(database).await.unwrap().get_ref());
    let mut request = Request::new(creation("c"));
    request.metadata_mut().insert("dbname", "d".parse().unwrap());
    ok(client.create_collection(request).await.unwrap().get_ref());
    for (body, header, found) in [("d", "", 1), ("", "d", 1), ("", "", 0), ("default", "d", 0)] {
        let show = m::ShowCollectionsRequest { db_name: body.into(), ..Default::default() };
        let mut request = Request::new(show);
        request.metadata_mut().insert("dbname", header.parse().unwrap());
        let reply = client.show_collections(request).await.unwrap().into_inner();
        assert_eq!(reply.collection_names.len(), found, "body {body:?}, metadata {header:?}");
    }
}

#[tokio::test]
async fn loading_is_done_when_it_returns() {
    let (_running, mut client) = connected().await;
    create(&mut client, "c").await;
    index(&mut client, "c").await;
    let progress = m::GetLoadingProgressRequest { collection_name: "c".into(), ..Default::default() };
    let reply = client.get_loading_progress(progress.clone()).await.unwrap().into_inner();
    assert_eq!(reply.status.unwrap().code, 101);
    let load = m::LoadCollectionRequest { collection_name: "c".into(), ..Default::default() };
    ok(client.load_collection(load.clone()).await.unwrap().get_ref());
    let reply = client.get_loading_progress(progress).await.unwrap().into_inner();
    assert_eq!((reply.progress, reply.refresh_progress), (100, 100));
    let replicas = m::GetReplicasRequest { collection_name: "c".into(), ..Default::default() };
    assert_eq!(client.get_replicas(replicas.clone()).await.unwrap().get_ref().replicas.len(), 1);

    let too_many = m::LoadCollectionRequest { replica_number: 2, ..load };
    assert_eq!(client.load_collection(too_many).await.unwrap().get_ref().code, 1100);
    let release = m::ReleaseCollectionRequest { collection_name: "c".into(), ..Default::default() };
    ok(client.release_collection(release).await.unwrap().get_ref());
    assert!(client.get_replicas(replicas).await.unwrap().get_ref().replicas.is_empty());
}

#[tokio::test]
async fn partitions_are_loaded_and_counted_one_by_one() {
    let (running, mut client) = connected().await;
    create(&mut client, "c").await;
    index(&mut client, "c").await;
    let request = m::CreatePartitionRequest {
        collection_name: "c".into(),
        partition_name: "p".into(),
        ..Default::default()
    };
    ok(client.create_partition(request).await.unwrap().get_ref());
    let show = m::ShowPartitionsRequest { collection_name: "c".into(), ..Default::default() };
    let shown = client.show_partitions(show).await.unwrap().into_inner();
    assert_eq!(shown.partition_names, ["_default", "p"]);
    running.db.status.lock().unwrap().partition_rows = vec![(shown.partition_i_ds[1], 12)];
    let stats = |name: &str| m::GetPartitionStatisticsRequest {
        collection_name: "c".into(),
        partition_name: name.into(),
        ..Default::default()
    };
    let counted = client.get_partition_statistics(stats("p")).await.unwrap().into_inner();
    assert_eq!(counted.stats, [pair("row_count", "12")]);
    let missing = client.get_partition_statistics(stats("q")).await.unwrap().into_inner().status.unwrap();
    assert_eq!((missing.code, missing.reason.as_str()), (200, "partition not found[partition=q]"));

    let load = m::LoadPartitionsRequest {
        collection_name: "c".into(),
        partition_names: vec!["p".into()],
        ..Default::default()
    };
    ok(client.load_partitions(load).await.unwrap().get_ref());
    for (name, state) in [("p", LoadState::Loaded), ("_default", LoadState::NotLoad)] {
        let partition_names = vec![name.into()];
        let request =
            m::GetLoadStateRequest { collection_name: "c".into(), partition_names, ..Default::default() };
        assert_eq!(client.get_load_state(request).await.unwrap().get_ref().state(), state, "{name}");
    }
}

#[tokio::test]
async fn an_index_is_described_as_it_was_asked_for_with_its_progress() {
    let (running, mut client) = connected().await;
    create(&mut client, "c").await;
    let request = m::DescribeIndexRequest { collection_name: "c".into(), ..Default::default() };
    let none = client.describe_index(request.clone()).await.unwrap().into_inner().status.unwrap();
    assert_eq!((none.code, none.error_code), (700, 25));
    index(&mut client, "c").await;
    let at = |pending_rows| IndexStatus {
        name: "v".into(),
        total_rows: 10,
        indexed_rows: 10 - pending_rows,
        pending_rows,
        resolved: "FLAT: few rows".into(),
        ..Default::default()
    };
    for (pending, state) in [(4, IndexState::InProgress), (0, IndexState::Finished)] {
        running.db.status.lock().unwrap().indexes = vec![at(pending)];
        let reply = client.describe_index(request.clone()).await.unwrap().into_inner();
        let described = &reply.index_descriptions[0];
        assert_eq!(described.state(), state);
        assert_eq!((described.index_name.as_str(), described.field_name.as_str()), ("v", "v"));
        assert_eq!((described.total_rows, described.pending_index_rows), (10, pending as i64));
        let expected = [
            pair("index_type", "AUTOINDEX"),
            pair("metric_type", "L2"),
            pair("elanus.resolved", "FLAT: few rows"),
        ];
        assert_eq!(described.params, expected);
        let one = m::GetIndexStateRequest { collection_name: "c".into(), ..Default::default() };
        assert_eq!(client.get_index_state(one).await.unwrap().get_ref().state(), state);
    }
    let drop =
        m::DropIndexRequest { collection_name: "c".into(), index_name: "v".into(), ..Default::default() };
    ok(client.drop_index(drop.clone()).await.unwrap().get_ref());
    ok(client.drop_index(drop).await.unwrap().get_ref());
    assert_eq!(client.describe_index(request).await.unwrap().into_inner().status.unwrap().code, 700);
}

#[tokio::test]
async fn a_flush_answers_under_the_names_that_were_sent() {
    let (_running, mut client) = connected().await;
    create(&mut client, "c").await;
    let alias =
        m::CreateAliasRequest { collection_name: "c".into(), alias: "a".into(), ..Default::default() };
    ok(client.create_alias(alias).await.unwrap().get_ref());
    let request = m::FlushRequest { collection_names: vec!["a".into()], ..Default::default() };
    let reply = client.flush(request).await.unwrap().into_inner();
    ok(&reply.status.unwrap());
    assert_eq!(reply.coll_seg_i_ds["a"].data, [7, 8]);
    assert_ne!(reply.coll_flush_ts["a"], 0);
    let all = client.flush_all(m::FlushAllRequest::default()).await.unwrap().into_inner();
    assert_ne!(all.flush_all_ts, 0);
}

#[tokio::test]
async fn a_compaction_lasts_while_rows_wait_for_an_index() {
    let (running, mut client) = connected().await;
    create(&mut client, "c").await;
    let request = m::ManualCompactionRequest { collection_name: "c".into(), ..Default::default() };
    let job = client.manual_compaction(request).await.unwrap().into_inner().compaction_id;
    for (pending_rows, state) in [(5, 1), (0, 2)] {
        running.db.status.lock().unwrap().indexes = vec![IndexStatus { pending_rows, ..Default::default() }];
        let request = m::GetCompactionStateRequest { compaction_id: job };
        assert_eq!(client.get_compaction_state(request).await.unwrap().get_ref().state, state);
    }
    let unknown = m::GetCompactionStateRequest { compaction_id: -1 };
    assert_eq!(client.get_compaction_state(unknown).await.unwrap().get_ref().state, 2);
}

#[tokio::test]
async fn a_damaged_collection_says_so() {
    let (running, mut client) = connected().await;
    create(&mut client, "c").await;
    running.db.status.lock().unwrap().damaged = Some("manifest 3 does not verify".into());
    let request = m::GetCollectionStatisticsRequest { collection_name: "c".into(), ..Default::default() };
    let status = client.get_collection_statistics(request).await.unwrap().into_inner().status.unwrap();
    assert_eq!((status.code, status.reason.as_str()), (1008, "manifest 3 does not verify"));
}

#[tokio::test]
async fn dropping_what_is_not_there_succeeds() {
    let (_running, mut client) = connected().await;
    let gone = || "gone".to_owned();
    let collection = m::DropCollectionRequest { collection_name: gone(), ..Default::default() };
    ok(client.drop_collection(collection.clone()).await.unwrap().get_ref());
    let elsewhere = m::DropCollectionRequest { db_name: gone(), ..collection };
    ok(client.drop_collection(elsewhere).await.unwrap().get_ref());
    let alias = m::DropAliasRequest { alias: gone(), ..Default::default() };
    ok(client.drop_alias(alias).await.unwrap().get_ref());
    let database = m::DropDatabaseRequest { db_name: gone(), ..Default::default() };
    ok(client.drop_database(database).await.unwrap().get_ref());
    let alias = m::DescribeAliasRequest { alias: gone(), ..Default::default() };
    let status = client.describe_alias(alias).await.unwrap().into_inner().status.unwrap();
    assert_eq!(
        (status.code, status.reason.as_str()),
        (1600, "alias not found[database=default][alias=gone]")
    );
}
