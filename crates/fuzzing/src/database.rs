//! A whole database of which one file is not as it was written: it opens or says why not, what cannot be read is a
//! named error, and other collections are served.

use crate::{edit, sample};
use elanus_engine::Db;
use elanus_types::input::FilterText;
use elanus_types::query::QueryRequest;
use elanus_types::search::{QueryVectors, SearchRequest};
use elanus_types::{CollectionRef, DataType, Error, ErrorKind};

pub fn run(input: &[u8]) {
    let whole = sample::sample();
    let Some(((path, bytes), edits)) = edit::chosen(input, &whole.files) else { return };
    let changed = edit::edited(bytes, edits);
    let mut files = whole.files.clone();
    files.iter_mut().filter(|(other, _)| other == path).for_each(|(_, bytes)| changed.clone_into(bytes));
    let db = match sample::open(&sample::disk(&files)) {
        Ok(db) => db,
        Err(error) => return named(&error),
    };
    for meta in &whole.collections {
        let touched = changed != *bytes && path.starts_with(&format!("{}/", sample::folder(meta)));
        let sound = changed == *bytes || (path.starts_with("collections/") && !touched);
        let found = sample::wait(read(&*db, &sample::target(&meta.name)));
        match found {
            Ok(rows) if sound => assert_eq!(rows, sample::ROWS, "{} beside {path}", meta.name),
            Ok(_) => {}
            Err(error) if sound => panic!("{} beside {path}: {error:?}", meta.name),
            Err(error) => named(&error),
        }
        if let Err(error) = sample::wait(db.flush(&sample::target(&meta.name))) {
            named(&error);
        }
    }
    if let Err(error) = db.maintain() {
        named(&error);
    }
}

/// Rows that a query and a search see.
async fn read(db: &dyn Db, target: &CollectionRef) -> Result<usize, Error> {
    let request = QueryRequest {
        filter: FilterText::new("id >= 0"),
        output_fields: vec!["*".to_owned()],
        ..QueryRequest::new(target.clone())
    };
    let found = db.query(request).await?;
    let queries =
        QueryVectors::Vectors { data_type: DataType::FloatVector, vectors: vec![sample::vector(5).into()] };
    let request =
        SearchRequest { field: Some("vector".to_owned()), ..SearchRequest::new(target.clone(), queries, 5) };
    db.search(request).await?;
    db.status(target).await?;
    Ok(found.fields.first().map_or(0, |output| output.column.len()))
}

/// Damage has a name. A panic inside a request arrives as an internal error.
fn named(error: &Error) {
    let kinds = [ErrorKind::Damaged, ErrorKind::Io, ErrorKind::CollectionNotFound];
    assert!(kinds.contains(&error.kind()), "{error:?}");
}

pub fn samples() -> Vec<Vec<u8>> {
    edit::samples(sample::sample().files.len())
}
