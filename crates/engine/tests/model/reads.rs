//! Reads that are compared with the reference, and the work on files that they run beside.

use crate::calls::{self, View, Wanted};
use crate::encode;
use crate::filter::Filter;
use crate::generate;
use crate::reference::{Change, Judged, Key, Row, Table};
use crate::round::Round;
use elanus_engine::{Db, LocalDb};
use elanus_types::{DataType, ErrorKind, Result, Timestamp, Value};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A read that pages through a table as it was.
pub struct Cursor {
    name: String,
    collection: i64,
    timestamp: u64,
    pub table: Table,
    last: Option<Key>,
}

impl Table {
    pub fn default_metric(&self) -> &'static str {
        match self.shape.vector {
            DataType::BinaryVector => "HAMMING",
            DataType::SparseFloatVector => "IP",
            _ => "COSINE",
        }
    }

    fn metric(&self) -> &'static str {
        self.indexes.get("vector").map_or_else(|| self.default_metric(), |(_, metric)| metric)
    }
}

fn score(metric: &str, a: &[u8], b: &[u8]) -> f32 {
    let sum = |of: fn(f32, f32) -> f32| -> f32 {
        a.iter().zip(b).map(|(a, b)| of(f32::from(*a as i8), f32::from(*b as i8))).sum()
    };
    let bits = |of: fn(u8, u8) -> u8| -> f32 {
        a.iter().zip(b).map(|(a, b)| of(*a, *b).count_ones()).sum::<u32>() as f32
    };
    match metric {
        "L2" => sum(|a, b| (a - b) * (a - b)),
        "IP" => sum(|a, b| a * b),
        "COSINE" => {
            let lengths = sum(|a, _| a * a).sqrt() * sum(|_, b| b * b).sqrt();
            if lengths == 0.0 { 0.0 } else { sum(|a, b| a * b) / lengths }
        }
        "HAMMING" => bits(|a, b| a ^ b),
        _ => {
            let either = bits(|a, b| a | b);
            if either == 0.0 { 1.0 } else { 1.0 - bits(|a, b| a & b) / either }
        }
    }
}

/// Every row that may be a hit, nearest first.
fn ranked(table: &Table, rows: &[(&Key, &Row)], wanted: &Wanted) -> Vec<(f32, Key)> {
    let metric = table.metric();
    // Sparse vectors that have nothing in common are no hits.
    let sparse = table.shape.vector == DataType::SparseFloatVector;
    let Value::Bytes(query) = &wanted.vector else { return Vec::new() };
    let similar = matches!(metric, "IP" | "COSINE");
    let scored = rows.iter().filter(|(key, row)| wanted.filter.matches(key, row)).filter_map(|(key, row)| {
        let Value::Bytes(vector) = row.cell("vector") else { return None };
        Some((score(metric, query, vector), (*key).clone()))
    });
    let inside = |score: f32| match wanted.range {
        _ if sparse && score == 0.0 => false,
        None => true,
        Some((radius, inner)) if similar => radius < score && score <= inner,
        Some((radius, inner)) => inner <= score && score < radius,
    };
    let mut hits: Vec<_> = scored.filter(|(score, _)| inside(*score)).collect();
    hits.sort_by(|a, b| if similar { b.0.total_cmp(&a.0) } else { a.0.total_cmp(&b.0) });
    hits
}

fn near(a: f32, b: f32) -> bool {
    (a - b).abs() < 1e-5
}

impl Round {
    pub fn view(&mut self) -> View {
        let names: Vec<&String> = self.sure.tables.keys().chain(self.sure.aliases.keys()).collect();
        let name = self.random.choice(&names).map_or_else(|| "nobody".to_owned(), |name| (*name).clone());
        let partition = (self.random.u8(..3) == 0).then(|| format!("p{}", self.random.u8(..2)));
        let keyed = self.sure.table(&name).is_ok_and(|table| table.shape.keyed);
        View { name, partition: partition.filter(|_| !keyed || self.random.u8(..10) == 0), pinned: None }
    }

    /// Whether a refusal is the right one.
    pub fn refusal<T>(&mut self, call: &str, outcome: Result<T>, expected: Judged) -> Option<T> {
        match (outcome, expected) {
            (Ok(result), Ok(())) => Some(result),
            (Ok(_), Err(kind)) => self.fail(&format!("{call} answers, should be refused with {kind:?}")),
            (Err(error), Err(kind)) if error.kind() == kind => None,
            (Err(error), _) => {
                self.honest(call, &error);
                None
            }
        }
    }

    pub async fn query(&mut self, db: &dyn Db) {
        let view = self.view();
        let Ok(table) = self.sure.table(&view.name).cloned() else {
            let outcome = calls::query(db, &view, "key > 1", &["key"], None).await;
            self.refusal("query", outcome, Err(ErrorKind::CollectionNotFound));
            return;
        };
        let filter = generate::filter(&mut self.random, &table);
        let page = self.random.bool().then(|| (self.random.usize(..4), self.random.usize(1..6)));
        if self.random.bool() {
            self.rows(db, &view, &table, &filter, page).await;
        } else {
            self.count(db, &view, &table, &filter).await;
        }
    }

    async fn count(&mut self, db: &dyn Db, view: &View, table: &Table, filter: &Filter) {
        let text = filter.text(table.shape.text_keys);
        let rows = table.readable(view.partition.as_deref());
        let outcome = calls::query(db, view, &text, &["count(*)"], None).await;
        let Some(result) = self.refusal("count", outcome, rows.as_ref().map(drop).map_err(|kind| *kind))
        else {
            return;
        };
        let count = calls::column(&result, "count(*)").view().value(0);
        let rows = rows.unwrap_or_default();
        let expected = rows.iter().filter(|(key, row)| filter.matches(key, row)).count();
        if count != Value::Int(expected as i64) {
            self.fail(&format!("{count:?} rows of {view:?} for {text}, expected {expected}"));
        }
    }

    /// Queries rows; returns their keys.
    async fn rows(
        &mut self,
        db: &dyn Db,
        view: &View,
        table: &Table,
        filter: &Filter,
        page: Option<(usize, usize)>,
    ) -> Option<Vec<Key>> {
        let text = filter.text(table.shape.text_keys);
        let rows = table.readable(view.partition.as_deref());
        let outcome = calls::query(db, view, &text, &["*"], page).await;
        let result = self.refusal("query", outcome, rows.as_ref().map(drop).map_err(|kind| *kind))?;
        let (offset, limit) = page.unwrap_or((0, usize::MAX));
        let rows = rows.unwrap_or_default().into_iter().filter(|(key, row)| filter.matches(key, row));
        let rows: Vec<_> = rows.skip(offset).take(limit).collect();
        let expected: Vec<Key> = rows.iter().map(|(key, _)| (*key).clone()).collect();
        let found = encode::read_keys(calls::column(&result, "key"));
        if found != expected {
            self.fail(&format!("found {found:?} in {view:?} for {text} {page:?}, expected {expected:?}"));
        }
        let cells = encode::read_rows(&table.shape, found.len(), &calls::columns(&result.fields));
        if let Some(((key, row), cells)) =
            rows.iter().zip(cells).find(|((_, row), cells)| row.cells != *cells)
        {
            self.fail(&format!("{key:?} has {cells:?}, expected {row:?}"));
        }
        Some(found)
    }

    pub async fn search(&mut self, db: &dyn Db) {
        let view = self.view();
        if let Ok(table) = self.sure.table(&view.name).cloned() {
            self.search_in(db, &view, &table).await;
        }
    }

    async fn search_in(&mut self, db: &dyn Db, view: &View, table: &Table) {
        let metric = table.metric();
        let (low, width) = (self.random.i8(-4..30), self.random.i8(1..30));
        let (low, high) = (f32::from(low), f32::from(low) + f32::from(width));
        let range = match metric {
            "L2" | "HAMMING" if self.random.u8(..4) == 0 => Some((high, low)),
            "IP" if self.random.u8(..4) == 0 => Some((low - 15.0, high - 15.0)),
            _ => None,
        };
        let wanted = Wanted {
            vector: generate::vector(&mut self.random, &table.shape),
            filter: generate::filter(&mut self.random, table),
            offset: if self.random.bool() { 0 } else { self.random.usize(..4) },
            limit: self.random.usize(1..8),
            range,
        };
        let rows = table.readable(view.partition.as_deref());
        let outcome = calls::search(db, view, &table.shape, &wanted).await;
        let expected = rows.as_ref().map(drop).map_err(|kind| *kind);
        let Some(result) = self.refusal("search", outcome, expected) else { return };
        let all = ranked(table, &rows.unwrap_or_default(), &wanted);
        let expected: Vec<f32> =
            all.iter().skip(wanted.offset).take(wanted.limit).map(|(score, _)| *score).collect();
        let keys = encode::read_keys(&result.ids);
        let hits: Vec<(f32, &Key)> = result.scores.iter().copied().zip(&keys).collect();
        // Rows at the same distance may come in any order.
        let right = hits.len() == expected.len()
            && hits.iter().zip(&expected).all(|((score, _), expected)| near(*score, *expected))
            && hits.iter().all(|(score, key)| all.iter().any(|(s, k)| k == *key && near(*s, *score)))
            && keys.iter().collect::<BTreeSet<_>>().len() == keys.len();
        if !right {
            self.fail(&format!("{hits:?} in {view:?} by {metric} for {wanted:?}, expected of {all:?}"));
        }
        let cells = encode::read_rows(&table.shape, keys.len(), &calls::columns(&result.fields));
        if let Some((key, cells)) =
            keys.iter().zip(cells).find(|(key, cells)| table.rows[*key].cells != *cells)
        {
            self.fail(&format!("{key:?} has {cells:?}, expected {:?}", table.rows[key]));
        }
    }

    /// Begins an iterator, or takes the next page of one; other changes come between its pages.
    pub async fn page(&mut self, db: &dyn Db) {
        if self.cursors.is_empty() || self.random.u8(..3) == 0 {
            return self.begin_cursor(db).await;
        }
        let place = self.random.usize(..self.cursors.len());
        let mut cursor = self.cursors.swap_remove(place);
        let Some(now) = self.sure.tables.get(&cursor.name) else { return };
        // Served is what is served now, of the rows that were there then.
        let table = Table {
            load: now.load,
            partitions: now.partitions.clone(),
            indexes: now.indexes.clone(),
            ..cursor.table.clone()
        };
        let pinned = Some((cursor.collection, cursor.timestamp));
        let view = View { name: cursor.name.clone(), partition: None, pinned };
        if self.is_forgotten(db, &view).await {
            return;
        }
        if self.random.bool() {
            return self.search_in(db, &view, &table).await;
        }
        let filter = cursor.last.clone().map_or(Filter::All, Filter::After);
        let limit = self.random.usize(1..4);
        let found = self.rows(db, &view, &table, &filter, Some((0, limit))).await;
        if let Some(last) = found.and_then(|found| found.last().cloned()) {
            cursor.last = Some(last);
            self.cursors.push(cursor);
        }
    }

    /// Whether versions as old as the iterator are gone; they may not be before the retention is over.
    async fn is_forgotten(&mut self, db: &dyn Db, view: &View) -> bool {
        let outcome = calls::query(db, view, "number > 0", &["count(*)"], None).await;
        let forgotten = outcome.is_err_and(|error| error.message().contains("cannot read at timestamp"));
        let pinned = Timestamp(view.pinned.map_or(0, |(_, timestamp)| timestamp));
        if forgotten && pinned.millis() + self.options.retention_millis > self.clock_millis() {
            self.fail(&format!("{view:?} is forgotten too early"));
        }
        forgotten
    }

    pub fn clock_millis(&self) -> u64 {
        elanus_runtime::Clock::now_millis(&*self.clock)
    }

    async fn begin_cursor(&mut self, db: &dyn Db) {
        let view = View { partition: None, ..self.view() };
        let Some(name) = self.sure.real_name(&view.name).map(str::to_owned) else { return };
        let Some(table) = self.sure.tables.get(&name).cloned() else { return };
        let Ok(result) = calls::query(db, &view, "number > 0", &["key"], None).await else { return };
        let catalog = db.catalog();
        let Some(meta) = catalog.find("default", &name) else { return };
        let (collection, timestamp) = (meta.id, result.session_timestamp.0);
        self.cursors.push(Cursor { name, collection, timestamp, table, last: None });
    }

    /// What a change means for reads that began before it.
    pub fn follow(&mut self, change: &Change) {
        match change {
            Change::Drop { name } => self.cursors.retain(|cursor| cursor.name != *name),
            Change::Rename { name, to } => {
                let renamed = self.cursors.iter_mut().filter(|cursor| cursor.name == *name);
                renamed.for_each(|cursor| to.clone_into(&mut cursor.name));
            }
            Change::Truncate { name } | Change::Widen { name } => {
                let name = self.sure.real_name(name).unwrap_or_default();
                for cursor in self.cursors.iter_mut().filter(|cursor| cursor.name == name) {
                    match change {
                        Change::Truncate { .. } => cursor.table.rows.clear(),
                        _ => cursor.table.widen(),
                    }
                }
            }
            Change::DropPartition { name, partition } => {
                let name = self.sure.real_name(name).unwrap_or_default();
                for cursor in self.cursors.iter_mut().filter(|cursor| cursor.name == name) {
                    cursor.table.rows.retain(|_, row| row.partition != *partition);
                }
            }
            _ => {}
        }
    }

    /// Counts that need no load.
    pub async fn status(&mut self, db: &dyn Db) {
        for (name, table) in self.sure.tables.clone() {
            match db.status(&calls::target(&name)).await {
                Ok(status) if status.damaged.is_some() => {
                    let error = elanus_types::Error::new(ErrorKind::Io, status.damaged.unwrap_or_default());
                    self.honest("status", &error);
                }
                Ok(status) if status.rows != table.rows.len() as u64 => {
                    self.fail(&format!("{name} counts {} rows, not {}", status.rows, table.rows.len()));
                }
                Ok(_) => {}
                Err(error) => self.honest("status", &error),
            }
        }
    }

    pub async fn flush(&mut self, db: &Arc<LocalDb>) {
        let view = self.view();
        let expected = self.sure.table(&view.name).map(drop);
        let events = self.interrupt(db, false).await;
        self.begin_trouble();
        let outcome = db.flush(&calls::target(&view.name)).await;
        let dropped = self.happened(events);
        self.note(&format!("flush {} -> {outcome:?}", view.name));
        if !dropped {
            self.refusal("flush", outcome, expected);
        }
    }

    pub async fn maintain(&mut self, db: &Arc<LocalDb>) {
        let sealed = self.random.bool();
        for name in self.sure.tables.keys().filter(|_| sealed).cloned().collect::<Vec<_>>() {
            let outcome = db.flush(&calls::target(&name)).await;
            self.refusal("flush", outcome, Ok(()));
        }
        let events = self.interrupt(db, sealed).await;
        self.begin_trouble();
        let check = self.random.u8(..3) == 0;
        let mut outcome = db.maintain();
        if check && outcome.is_ok() {
            outcome = db.scrub().map(|damaged| assert_eq!(damaged, 0, "files written well are not damaged"));
        }
        let dropped = self.happened(events);
        self.note(&format!("maintain -> {outcome:?}"));
        if let Err(error) = outcome
            && !dropped
        {
            self.honest("maintain", &error);
        }
    }
}
