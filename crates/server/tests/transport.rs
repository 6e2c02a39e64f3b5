//! What clients meet below the service: limits, malformed messages, panics, stopping.

#![allow(missing_docs, deprecated)]

#[allow(dead_code)]
mod fake;

use elanus_proto::milvus as m;
use elanus_server::ServeOptions;
use std::time::Duration;
use tonic::Code;
use tonic::codegen::http::uri::PathAndQuery;

#[tokio::test]
async fn a_message_over_the_limit_is_refused_for_good() {
    let running = fake::start(ServeOptions { max_request_bytes: 1000, ..Default::default() }).await;
    let mut client = running.client().await;
    let name = "x".repeat(1000);
    let request = m::DropDatabaseRequest { db_name: name, ..Default::default() };
    let refused = client.drop_database(request).await.unwrap_err();
    assert_eq!(refused.code(), Code::ResourceExhausted, "{refused}");
    client.get_version(m::GetVersionRequest {}).await.unwrap();
}

#[tokio::test]
async fn a_message_that_is_no_protobuf_is_refused_for_good() {
    let (running, _client) = fake::connected().await;
    let mut raw = tonic::client::Grpc::new(running.endpoint.connect().await.unwrap());
    raw.ready().await.unwrap();
    // A message of another call: its numbers stand where names belong.
    let message = m::ConnectResponse { identifier: 5, ..Default::default() };
    let path = PathAndQuery::from_static("/milvus.proto.milvus.MilvusService/RenameCollection");
    let codec = tonic_prost::ProstCodec::<m::ConnectResponse, m::BoolResponse>::default();
    let refused = raw.unary(tonic::Request::new(message), path, codec).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument, "{refused}");
}

#[tokio::test]
async fn a_handler_that_panics_answers_a_status() {
    let (_running, mut client) = fake::connected().await;
    let request =
        m::QueryRequest { collection_name: "c".into(), expr: "id > 0".into(), ..Default::default() };
    let status = client.query(request).await.unwrap().into_inner().status.unwrap();
    assert_eq!((status.code, status.error_code), (5, 1));
    assert!(status.reason.contains("the fake holds no rows"), "{}", status.reason);
}

#[tokio::test]
async fn a_call_that_is_not_supported_names_itself_and_the_remedy() {
    let (_running, mut client) = fake::connected().await;
    let status = client.alter_collection_field(m::AlterCollectionFieldRequest::default()).await.unwrap();
    let status = status.into_inner();
    assert_eq!((status.code, status.error_code, status.retriable), (10, 1, false));
    assert!(
        status.reason.contains("AlterCollectionField") && status.reason.contains("insert the rows again"),
        "{}",
        status.reason
    );
    let stream = client.dump_messages(m::DumpMessagesRequest::default()).await.unwrap_err();
    assert_eq!(stream.code(), Code::Unimplemented);
}

#[tokio::test]
async fn the_health_service_knows_its_services() {
    let (running, _client) = fake::connected().await;
    let mut raw = tonic::client::Grpc::new(running.endpoint.connect().await.unwrap());
    // `HealthCheckRequest.service` is a text in field 1, as `DummyRequest.request_type` is.
    for (service, known) in [("", true), ("milvus.proto.milvus.MilvusService", true), ("other", false)] {
        raw.ready().await.unwrap();
        let path = PathAndQuery::from_static("/grpc.health.v1.Health/Check");
        let codec = tonic_prost::ProstCodec::<m::DummyRequest, ()>::default();
        let request = tonic::Request::new(m::DummyRequest { request_type: service.into() });
        let answer = raw.unary(request, path, codec).await;
        assert_eq!(answer.is_ok(), known, "{service}: {answer:?}");
    }
}

#[tokio::test]
async fn stopping_lets_go_of_idle_clients() {
    let (mut running, mut client) = fake::connected().await;
    client.get_version(m::GetVersionRequest {}).await.unwrap();
    running.stop.take().unwrap().send(()).unwrap();
    running.ended.await.unwrap().unwrap();
    let mut client = client;
    assert!(client.get_version(m::GetVersionRequest {}).await.is_err());
}

#[tokio::test]
async fn stopping_does_not_wait_for_ever() {
    let options = ServeOptions { drain: Duration::from_millis(50), ..Default::default() };
    let mut running = fake::start(options).await;
    // A connection that never says anything is not a reason to stay.
    let address = running.endpoint.uri().authority().unwrap().to_string();
    let _silent = tokio::net::TcpStream::connect(address).await.unwrap();
    running.stop.take().unwrap().send(()).unwrap();
    running.ended.await.unwrap().unwrap();
}
