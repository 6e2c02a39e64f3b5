//! `elanus quickstart`: the sample that ships inside the binary, from an empty folder to a running server.

mod ask;
mod load;
mod sample;

use crate::ports;
use crate::serve;
use crate::settings::Chosen;
use crate::stop::Stop;
use clap::Args;
use elanus_engine::Db;
use elanus_runtime::settings::table;
use elanus_types::{CollectionRef, Result};
use sample::Sample;
use std::sync::Arc;

/// What it is called in the database.
const COLLECTION: &str = "wordnet";

/// Options of `quickstart`.
#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    chosen: Chosen,
    /// Stop after the queries instead of serving.
    #[arg(long)]
    exit: bool,
}

/// Loads, asks, serves.
pub fn run(arguments: &Arguments) -> Result<()> {
    let mut settings = arguments.chosen.settings()?;
    if settings.source(&table::LOG) == Default::default() {
        // The story is told on standard output; the log speaks up only when something is wrong.
        settings.set(table::LOG.name, "warn", Default::default())?;
    }
    crate::log::start(&settings.text(&table::LOG))?;
    serve::in_runtime(settings.count(&table::NETWORK_THREADS) as usize, async {
        let stop = Stop::on_signal()?;
        // Found out before the work, not after it.
        let listener = match arguments.exit {
            true => None,
            false => Some(ports::listen(&settings, &table::PORT, "--port").await?),
        };
        let Some(db) = serve::open(&settings, &stop).await? else { return Ok(()) };
        println!("Opened a database in {}.", settings.text(&table::DATA));
        tokio::select! {
            done = tell(db.as_ref()) => done?,
            () = stop.wait() => return Ok(()),
        }
        let Some(listener) = listener else {
            db.close();
            return Ok(());
        };
        print_snippet(&format!("http://{}:{}", settings.text(&table::BIND), settings.count(&table::PORT)));
        serve::listen(listener, Arc::clone(&db), &settings, &stop).await
    })
}

/// Everything before serving.
async fn tell(db: &dyn Db) -> Result<()> {
    let target = CollectionRef { database: "default".to_owned(), name: COLLECTION.to_owned() };
    let sample = Sample::read()?;
    load::rows(db, &target, &sample).await?;
    load::index(db, &target).await?;
    ask::queries(db, &target, &sample).await
}

fn print_snippet(uri: &str) {
    println!(
        r#"
Serving on {uri} until Ctrl-C. From Python (pip install pymilvus), paste this:

    from pymilvus import MilvusClient
    client = MilvusClient("{uri}")
    print(client.query("{COLLECTION}", filter='text like "%volcan%"', output_fields=["text"]))
    for hit in client.search("{COLLECTION}", ids=[7], limit=5, output_fields=["text"])[0]:
        print(round(hit["distance"], 3), hit["entity"]["text"])
"#
    );
}
