//! The admin endpoint: health, metrics and status over HTTP, for probes, scrapers and people.
//!
//! It answers from the first moment on, also while the database is still being opened. It carries no rows, only
//! names, counts and the filters it is asked to explain.

pub mod calls;
mod explain;
mod gauges;
mod picture;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Json, Response};
use axum::routing::{get, post};
use elanus_engine::Db;
use elanus_types::{Error, Result};
use std::future::Future;
use std::sync::{Arc, RwLock};
use std::time::Instant;
use tokio::net::TcpListener;

/// Prometheus's text format.
const METRICS_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What the endpoint tells about; clones share it.
#[derive(Clone)]
pub struct Admin(Arc<Shared>);

struct Shared {
    phase: RwLock<Phase>,
    started: Instant,
    version: String,
}

#[derive(Clone)]
enum Phase {
    Starting,
    Serving(Arc<dyn Db>),
    Stopping,
}

impl Admin {
    /// A server that is about to open its database.
    pub fn new(version: &str) -> Self {
        let phase = RwLock::new(Phase::Starting);
        Self(Arc::new(Shared { phase, started: Instant::now(), version: version.to_owned() }))
    }

    /// The database is open and served.
    pub fn serving(&self, db: Arc<dyn Db>) {
        self.enter(Phase::Serving(db));
    }

    /// The server was asked to stop.
    pub fn stopping(&self) {
        self.enter(Phase::Stopping);
    }

    fn enter(&self, phase: Phase) {
        *self.0.phase.write().unwrap_or_else(std::sync::PoisonError::into_inner) = phase;
    }

    fn phase(&self) -> Phase {
        self.0.phase.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    fn db(&self) -> Option<Arc<dyn Db>> {
        match self.phase() {
            Phase::Serving(db) => Some(db),
            Phase::Starting | Phase::Stopping => None,
        }
    }

    /// The routes.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/livez", get(|| async { "OK" }))
            .route("/healthz", get(healthz))
            .route("/metrics", get(metrics))
            .route("/status", get(status))
            .route("/explain", post(explain::explain))
            .with_state(self.clone())
    }

    /// Answers until `shutdown` is ready.
    pub async fn serve(
        &self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> Result<()> {
        let served = axum::serve(listener, self.router()).with_graceful_shutdown(shutdown).await;
        served.map_err(|error| Error::io("the admin endpoint stopped", &error))
    }
}

async fn healthz(State(admin): State<Admin>) -> Response {
    match admin.phase() {
        Phase::Serving(_) => "OK".into_response(),
        Phase::Starting => (StatusCode::SERVICE_UNAVAILABLE, "starting").into_response(),
        Phase::Stopping => (StatusCode::SERVICE_UNAVAILABLE, "stopping").into_response(),
    }
}

async fn metrics(State(admin): State<Admin>) -> Response {
    let text = gauges::text(admin.db().as_deref(), admin.0.started.elapsed()).await;
    ([(CONTENT_TYPE, METRICS_TYPE)], text).into_response()
}

async fn status(State(admin): State<Admin>) -> Response {
    let state = match admin.phase() {
        Phase::Starting => "starting",
        Phase::Serving(_) => "serving",
        Phase::Stopping => "stopping",
    };
    let collections = match admin.db() {
        Some(db) => picture::collections(db.as_ref()).await,
        None => Vec::new(),
    };
    Json(serde_json::json!({
        "state": state,
        "version": admin.0.version,
        "uptime_seconds": admin.0.started.elapsed().as_secs(),
        "resident_bytes": gauges::resident_bytes(),
        "collections": collections.iter().map(picture::Picture::to_json).collect::<Vec<_>>(),
    }))
    .into_response()
}

#[cfg(test)]
mod tests;
