//! The standard health service, `grpc.health.v1.Health`, for probes and load balancers.
//!
//! Only `Check`: watching is refused, which clients take for «health is not watched».

use prost::Message;
use std::convert::Infallible;
use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::task::{Context, Poll};
use tonic::body::Body;
use tonic::codegen::http;
use tonic::server::{Grpc, NamedService, UnaryService};
use tonic_prost::ProstCodec;

const MILVUS: &str = "milvus.proto.milvus.MilvusService";
const SERVING: i32 = 1;

#[derive(Clone, PartialEq, Message)]
pub(crate) struct HealthCheckRequest {
    #[prost(string, tag = "1")]
    service: String,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct HealthCheckResponse {
    #[prost(int32, tag = "1")]
    status: i32,
}

/// The service.
#[derive(Clone, Copy)]
pub(crate) struct Health;

impl UnaryService<HealthCheckRequest> for Health {
    type Response = HealthCheckResponse;
    type Future = Ready<Result<tonic::Response<HealthCheckResponse>, tonic::Status>>;

    fn call(&mut self, request: tonic::Request<HealthCheckRequest>) -> Self::Future {
        let service = request.into_inner().service;
        ready(match service.as_str() {
            "" | MILVUS | Self::NAME => Ok(tonic::Response::new(HealthCheckResponse { status: SERVING })),
            _ => Err(tonic::Status::not_found(format!("no service {service}"))),
        })
    }
}

impl NamedService for Health {
    const NAME: &'static str = "grpc.health.v1.Health";
}

impl tower::Service<http::Request<Body>> for Health {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        if request.uri().path() != "/grpc.health.v1.Health/Check" {
            let refusal = tonic::Status::unimplemented("health can be checked, not watched");
            return Box::pin(ready(Ok(refusal.into_http())));
        }
        Box::pin(async move { Ok(Grpc::new(ProstCodec::default()).unary(Health, request).await) })
    }
}
