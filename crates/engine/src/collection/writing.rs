//! Files that are being written: nothing names them yet, and still they are no orphans.

use parking_lot::Mutex;
use std::collections::HashSet;

/// Numbers of segments and files under way.
#[derive(Debug, Default)]
pub struct Writing(Mutex<HashSet<i64>>);

/// One of them, until it is dropped: after the commit that names the files, or when they were given up.
#[derive(Debug)]
pub struct Guard<'a> {
    writing: &'a Writing,
    /// The number.
    pub number: i64,
}

impl Writing {
    /// Protects the files of a number.
    pub fn begin(&self, number: i64) -> Guard<'_> {
        self.0.lock().insert(number);
        Guard { writing: self, number }
    }

    /// Whether a segment is being written.
    pub fn has(&self, segment: i64) -> bool {
        self.0.lock().contains(&segment)
    }

    /// Whether a file's name carries a number that is being written.
    pub fn has_file(&self, name: &str) -> bool {
        let numbers = name.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse().ok());
        let writing = self.0.lock();
        !writing.is_empty() && numbers.into_iter().any(|number| writing.contains(&number))
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        self.writing.0.lock().remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_protected_while_they_are_written() {
        let writing = Writing::default();
        let guard = writing.begin(77);
        assert!(writing.has(77) && !writing.has(7));
        assert!(writing.has_file("index-101-77.bin"));
        assert!(!writing.has_file("index-101-777.bin") && !writing.has_file("keys.bin"));
        drop(guard);
        assert!(!writing.has(77) && !writing.has_file("index-101-77.bin"));
    }
}
