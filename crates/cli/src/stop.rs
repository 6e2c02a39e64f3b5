//! The order to stop: SIGTERM or Ctrl-C.

use elanus_types::{Error, Result};
use std::future::Future;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// Becomes true once; clones share it.
#[derive(Clone)]
pub struct Stop(watch::Receiver<bool>);

impl Stop {
    /// Listens for signals from now on. The first one asks to stop, a second one ends the process at once.
    pub fn on_signal() -> Result<Self> {
        let listen = |kind| signal(kind).map_err(|error| Error::io("listening for signals", &error));
        let mut terminate = listen(SignalKind::terminate())?;
        let mut interrupt = listen(SignalKind::interrupt())?;
        let (sender, receiver) = watch::channel(false);
        tokio::spawn(async move {
            let name = tokio::select! {
                _ = terminate.recv() => "SIGTERM",
                _ = interrupt.recv() => "Ctrl-C",
            };
            tracing::info!("{name}: finishing what is under way");
            // Nobody listening means that nothing is left to stop.
            let _ = sender.send(true);
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            tracing::warn!("asked again: ending at once");
            std::process::exit(130);
        });
        Ok(Self(receiver))
    }

    /// Ready once the order came.
    pub fn wait(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut receiver = self.0.clone();
        async move {
            if receiver.wait_for(|stop| *stop).await.is_err() {
                // The sender lives as long as the process; without it no order can come.
                std::future::pending::<()>().await;
            }
        }
    }
}
