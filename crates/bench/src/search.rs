//! Sending searches: as fast as they are answered (closed loop), or at a fixed rate (open loop).

use crate::cell::Search;
use crate::connection::accepted;
use crate::lean::{Driver, Lean};
use crate::plan::Plan;
use crate::tally::Tally;
use crate::truth::Truth;
use elanus_proto::milvus::SearchResults;
use elanus_proto::schema::i_ds::IdField;
use elanus_types::{Error, Result};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinSet;

/// How long a client waits after a search that failed.
const AFTER_FAILURE: Duration = Duration::from_millis(10);

/// What every client of a combination shares.
struct Shared {
    searches: Vec<Search>,
    truth: Truth,
    limit: usize,
    /// Answers to searches sent before this are not counted.
    begin: Instant,
    /// No search is sent after this.
    end: Instant,
}

/// Searches with `clients` connections for the plan's time.
pub(crate) async fn run(plan: &Plan, searches: &[Search], truth: &Truth, clients: usize) -> Result<Tally> {
    let mut connections = Vec::new();
    for _ in 0..clients.max(1) {
        connections.push(Lean::open(&plan.uri, &plan.database, "Search").await?);
    }
    let begin = Instant::now() + plan.warmup;
    let shared = Arc::new(Shared {
        searches: searches.to_vec(),
        truth: truth.clone(),
        limit: plan.limit,
        begin,
        end: begin + plan.duration,
    });
    let mut tally = Tally::new()?;
    let mut tasks = match plan.rate {
        None => closed(connections, &shared),
        Some(rate) => open(connections, &shared, rate)?,
    };
    while let Some(part) = tasks.join_next().await {
        tally.add(part.map_err(|error| Error::internal(format!("a searching task failed: {error}")))??)?;
    }
    Ok(tally)
}

/// Every client sends its next search when the last is answered. A client and its connection are one task: they never
/// run at the same time, so waking one another would be all they gained.
fn closed(connections: Vec<(Lean, Driver)>, shared: &Arc<Shared>) -> JoinSet<Result<Tally>> {
    let step = (shared.searches.len() / connections.len()).max(1);
    let mut tasks = JoinSet::new();
    for (number, (connection, driver)) in connections.into_iter().enumerate() {
        let shared = shared.clone();
        tasks.spawn(async move {
            let searching = shared.repeat(&connection, number * step);
            tokio::pin!(searching);
            tokio::select! {
                tally = &mut searching => tally,
                // The connection is gone; what is sent from now on fails at once, and is counted.
                () = driver => searching.await,
            }
        });
    }
    tasks
}

/// Searches are due at a fixed rate, whether or not earlier ones are answered; latency counts from the due time.
///
/// A thread keeps the time (timers of the async runtime are a millisecond coarse); `clients` connections share
/// the searches, and each may have many under way.
fn open(connections: Vec<(Lean, Driver)>, shared: &Arc<Shared>, rate: f64) -> Result<JoinSet<Result<Tally>>> {
    if !(rate.is_finite() && rate > 0.0) {
        return Err(Error::invalid(format!("a rate of {rate} searches per second is not positive")));
    }
    let (due, receiver) = mpsc::unbounded_channel();
    let (start, end) = (Instant::now(), shared.end);
    std::thread::spawn(move || keep_time(start, end, rate, &due));
    let mut tasks = JoinSet::new();
    let connections = connections.into_iter().map(|(connection, driver)| {
        tokio::spawn(driver);
        connection
    });
    tasks.spawn(dispatch(connections.collect(), shared.clone(), receiver));
    Ok(tasks)
}

fn keep_time(start: Instant, end: Instant, rate: f64, due: &mpsc::UnboundedSender<(usize, Instant)>) {
    for number in 0.. {
        let time = start + Duration::from_secs_f64(number as f64 / rate);
        if time >= end {
            return;
        }
        std::thread::sleep(time.saturating_duration_since(Instant::now()));
        if due.send((number, time)).is_err() {
            return;
        }
    }
}

async fn dispatch(
    connections: Vec<Lean>,
    shared: Arc<Shared>,
    mut due: mpsc::UnboundedReceiver<(usize, Instant)>,
) -> Result<Tally> {
    let tally = Arc::new(Mutex::new(Tally::new()?));
    let mut under_way = JoinSet::new();
    while let Some((number, time)) = due.recv().await {
        let Some(connection) = connections.get(number % connections.len()).cloned() else { continue };
        let (shared, tally) = (shared.clone(), tally.clone());
        under_way.spawn(async move {
            let mut own = Tally::new()?;
            shared.send(&connection, number, time, &mut own).await;
            tally.lock().await.add(own)
        });
        while under_way.try_join_next().is_some() {}
    }
    while under_way.join_next().await.is_some() {}
    let mut whole = Tally::new()?;
    std::mem::swap(&mut whole, &mut *tally.lock().await);
    Ok(whole)
}

impl Shared {
    /// One search after the other, beginning with number `first`.
    async fn repeat(&self, connection: &Lean, first: usize) -> Result<Tally> {
        let mut tally = Tally::new()?;
        let mut next = first;
        while Instant::now() < self.end {
            let failures = tally.errors;
            self.send(connection, next, Instant::now(), &mut tally).await;
            if tally.errors > failures {
                tokio::time::sleep(AFTER_FAILURE).await;
            }
            next += 1;
        }
        Ok(tally)
    }

    /// Sends search `number` (they repeat), due at `due`, and notes what came of it.
    async fn send(&self, connection: &Lean, number: usize, due: Instant, tally: &mut Tally) {
        let Some(search) = self.searches.get(number % self.searches.len()) else { return };
        let answer = connection.call::<SearchResults>(search.message.clone()).await;
        if due < self.begin {
            return;
        }
        tally.elapsed = self.begin.elapsed();
        let answer = answer.and_then(|answer| accepted(answer.status.as_ref()).map(|()| answer));
        match answer {
            Ok(answer) => {
                tally.answered(due.elapsed());
                self.judge(search.first, &answer, tally);
            }
            Err(error) => tally.failed(&error),
        }
    }

    fn judge(&self, first: usize, answer: &SearchResults, tally: &mut Tally) {
        let Some(results) = &answer.results else { return };
        let ids: &[i64] = match results.ids.as_ref().and_then(|ids| ids.id_field.as_ref()) {
            Some(IdField::IntId(ids)) => &ids.data,
            _ => &[],
        };
        let mut begin = 0;
        for (query, count) in results.topks.iter().enumerate() {
            let end = begin + usize::try_from(*count).unwrap_or_default();
            if let Some(truth) = self.truth.get(first + query) {
                let truth = truth.get(..self.limit).unwrap_or(truth);
                tally.judged(ids.get(begin..end).unwrap_or_default(), truth);
            }
            begin = end;
        }
    }
}
