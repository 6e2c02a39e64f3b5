//! Queries that an `element_filter` makes queries for elements: rows come with the places of those that it lets through, and
//! limit and offset count elements.

use super::output::Place;
use super::snapshot::Snapshot;
use elanus_filter::Predicate;
use elanus_types::Result;
use elanus_types::query::QueryRequest;

/// The places of elements, row by row.
pub type Elements = Vec<Vec<u32>>;
/// A page of rows, each with the places of its elements.
pub type Page = (Vec<Place>, Elements);

/// The page that a request asks for of all rows that pass, given in the order of keys.
pub fn page(
    snapshot: &Snapshot,
    predicate: &Predicate,
    rows: Vec<Place>,
    request: &QueryRequest,
) -> Result<Page> {
    let mut elements = of_rows(snapshot, predicate, &rows)?;
    if let Some((first, last)) = elements.first_mut().zip(request.last_element) {
        first.retain(|place| *place > last);
    }
    let mut skip = request.limit.map_or(0, |_| request.offset);
    let mut left = request.limit.unwrap_or(usize::MAX);
    let mut page = Page::default();
    for (row, mut places) in rows.into_iter().zip(elements) {
        let skipped = skip.min(places.len());
        skip -= skipped;
        places.drain(..skipped);
        places.truncate(left);
        left -= places.len();
        if !places.is_empty() {
            page.0.push(row);
            page.1.push(places);
        }
        if left == 0 {
            break;
        }
    }
    Ok(page)
}

/// The places of the elements that pass, row by row.
fn of_rows(snapshot: &Snapshot, predicate: &Predicate, rows: &[Place]) -> Result<Elements> {
    let mut all = vec![Vec::new(); rows.len()];
    for (index, segment) in snapshot.segments.iter().enumerate() {
        let mine = |place: &Place| place.segment as usize == index;
        let numbers: Vec<u32> = rows.iter().filter(|place| mine(place)).map(|place| place.row).collect();
        if numbers.is_empty() {
            continue;
        }
        let places = segment.elements(predicate, &numbers)?;
        let slots = all.iter_mut().zip(rows).filter(|(_, place)| mine(place));
        slots.zip(places).for_each(|((slot, _), places)| *slot = places);
    }
    Ok(all)
}
