//! Inverted lists: rows grouped around centres; a search looks only into the lists whose centres are near.
//!
//! Centres are found by k-means (Lloyd, 1982) over one-byte codes of the vectors, or over the bits of binary ones, with
//! integer dot products instead of floating point. IVF_FLAT compares the rows of a list with the stored
//! vectors; the other kinds keep codes list by list, one after the other, and compare the nearest by code with the stored
//! vectors. Codes other than bytes are of what rows differ from their list's centre (Jégou et al., 2011).
//!
//! Building: [`build`] makes points ([`points`]), trains centres ([`train`]), measures how many lists suffice ([`tune`])
//! and writes the file ([`format`]). Searching: [`search`].

mod assign;
mod batch;
mod build;
mod format;
mod lists;
mod onward;
mod open;
mod points;
mod scan;
mod search;
mod shortlist;
mod train;
mod tune;

pub(crate) use build::build;
pub(crate) use open::open;

/// Lists for this many rows when nobody says how many: each about as long as twice the number of centres.
pub(crate) fn lists_for(rows: usize, asked: Option<usize>) -> usize {
    let most = (rows / LEAST_PER_LIST).clamp(1, MOST_LISTS);
    asked.unwrap_or_else(|| 4 * rows.isqrt()).clamp(1, most)
}

/// Centres of fewer rows say nothing.
const LEAST_PER_LIST: usize = 39;
/// As many as the protocol allows.
const MOST_LISTS: usize = 65_536;
