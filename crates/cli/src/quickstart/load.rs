//! The collection: made, filled and indexed, each step only if it is not done yet.

use super::sample::{Part, Sample};
use elanus_engine::{CatalogChange, Db, NewCollection, NewIndex};
use elanus_types::catalog::Properties;
use elanus_types::input::{InputData, InputField};
use elanus_types::write::{InsertMode, InsertRequest, Write};
use elanus_types::{CollectionRef, DataType, Error, FieldSchema, Result};
use indicatif::{ProgressBar, ProgressStyle};
use std::time::{Duration, Instant};

/// Rows of one request.
const BATCH: usize = 250;

/// Makes the collection and stores the sample, unless it is there.
pub async fn rows(db: &dyn Db, target: &CollectionRef, sample: &Sample) -> Result<()> {
    let rows = &sample.rows;
    if db.catalog().find(&target.database, &target.name).is_none() {
        db.alter(CatalogChange::CreateCollection(Box::new(collection(target, sample.dim())))).await?;
    }
    let wanted = rows.entries.len() as u64;
    if db.status(target).await?.rows == wanted {
        println!("Collection {} holds its {wanted} rows already.", target.name);
        return Ok(());
    }
    let begun = Instant::now();
    let bar = bar(wanted, "Loading rows  ");
    for begin in (0..rows.entries.len()).step_by(BATCH) {
        let end = (begin + BATCH).min(rows.entries.len());
        // An upsert, so that a load that was interrupted can be repeated.
        let written = db.write(Write::Insert(request(target, rows, begin, end))).await;
        written.map_err(|error| {
            error.context(format!(
                "loading the sample into collection {}; drop it if it is something else",
                target.name
            ))
        })?;
        bar.set_position(end as u64);
    }
    bar.finish_and_clear();
    println!(
        "Loaded {wanted} texts with vectors of {} dimensions in {:.2} s.",
        sample.dim(),
        begun.elapsed().as_secs_f64()
    );
    Ok(())
}

fn collection(target: &CollectionRef, dim: usize) -> NewCollection {
    let mut id = FieldSchema::new(0, "id", DataType::Int64);
    id.primary_key = true;
    let text = |name: &str, length: usize| {
        let mut field = FieldSchema::new(0, name, DataType::VarChar);
        field.max_length = length;
        field.type_params = vec![("max_length".to_owned(), length.to_string())];
        field
    };
    let mut vector = FieldSchema::new(0, "vector", DataType::Float16Vector);
    vector.dim = dim;
    vector.type_params = vec![("dim".to_owned(), dim.to_string())];
    NewCollection {
        target: target.clone(),
        description: "5,000 entries of WordNet 3.0, embedded with all-MiniLM-L6-v2".to_owned(),
        fields: vec![id, text("pos", 8), text("lex", 40), text("lemmas", 400), text("text", 1000), vector],
        structs: Vec::new(),
        dynamic: false,
        shards: 0,
        partitions: 0,
        consistency_level: 0,
        properties: Properties::new(),
    }
}

fn request(target: &CollectionRef, part: &Part, begin: usize, end: usize) -> InsertRequest {
    let entries = part.entries.get(begin..end).unwrap_or_default();
    let field =
        |name: &str, data| InputField { name: name.to_owned(), dynamic: false, data, valid: Vec::new() };
    let texts = |name: &str, take: fn(&super::sample::Entry) -> &str| {
        let all = entries.iter().map(|entry| bytes::Bytes::copy_from_slice(take(entry).as_bytes()));
        field(name, InputData::Text(all.collect()))
    };
    let vectors = part.vectors.slice(begin * part.width..end * part.width);
    let vectors =
        InputData::Vector { data_type: DataType::Float16Vector, dim: (part.width / 2) as i64, data: vectors };
    InsertRequest {
        target: target.clone(),
        partition: None,
        rows: entries.len(),
        fields: vec![
            field("id", InputData::Long(entries.iter().map(|entry| entry.id).collect())),
            texts("pos", |entry| &entry.pos),
            texts("lex", |entry| &entry.lex),
            texts("lemmas", |entry| &entry.lemmas),
            texts("text", |entry| &entry.text),
            field("vector", vectors),
        ],
        schema_timestamp: 0,
        mode: InsertMode::Upsert { partial: false, field_ops: Vec::new() },
    }
}

/// Creates the index, unless it is there, and waits until it covers every row.
pub async fn index(db: &dyn Db, target: &CollectionRef) -> Result<()> {
    let begun = Instant::now();
    let catalog = db.catalog();
    if catalog.resolve(target)?.index("vector").is_none() {
        let pairs = [("index_type", "AUTOINDEX"), ("metric_type", "COSINE")];
        let owned = |(key, value): (&str, &str)| (key.to_owned(), value.to_owned());
        db.alter(CatalogChange::CreateIndex(NewIndex {
            target: target.clone(),
            field: "vector".to_owned(),
            name: String::new(),
            params: pairs.into_iter().map(owned).collect(),
            user_params: pairs.into_iter().map(owned).collect(),
        }))
        .await?;
    }
    let load = CatalogChange::Load { target: target.clone(), partitions: Vec::new(), fields: Vec::new() };
    db.alter(load).await?;
    db.flush(target).await?;
    let resolved = wait(db, target).await?;
    println!("Built the index in {:.2} s: {resolved}", begun.elapsed().as_secs_f64());
    Ok(())
}

/// Shows progress until no row waits for its index; what the index resolved to.
async fn wait(db: &dyn Db, target: &CollectionRef) -> Result<String> {
    let bar = bar(1000, "Building index");
    loop {
        let status = db.status(target).await?;
        let Some(index) = status.indexes.first() else {
            return Err(Error::internal("the index that was just made is gone"));
        };
        if !index.failure.is_empty() {
            return Err(Error::internal(format!("building the index: {}", index.failure)));
        }
        let growing = status.segments.iter().any(|segment| !segment.sealed && segment.rows > 0);
        if index.pending_rows == 0 && !growing {
            bar.finish_and_clear();
            return Ok(index.resolved.clone());
        }
        bar.set_position((f64::from(index.progress) * 1000.0) as u64);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn bar(steps: u64, what: &'static str) -> ProgressBar {
    let style = ProgressStyle::with_template("{prefix} [{bar:40}] {percent:>3}%");
    let style = style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> ");
    ProgressBar::new(steps).with_style(style).with_prefix(what)
}
