//! The places a filter asks for in one JSON field, found in one pass over each document.

use super::scan::Cursor;
use super::text::unescape;
use crate::ast::Step;

/// Paths into a document, joined where they begin alike.
#[derive(Clone, Debug)]
pub(crate) struct Tree {
    nodes: Vec<Entry>,
    paths: usize,
}

#[derive(Clone, Debug, Default)]
struct Entry {
    /// The number of the path that ends here.
    path: Option<usize>,
    keys: Vec<(Box<[u8]>, usize)>,
    indexes: Vec<(usize, usize)>,
}

/// Bytes `start..end` of a column's data; empty = the place is missing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Span {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl Tree {
    pub(crate) fn new() -> Self {
        Self { nodes: vec![Entry::default()], paths: 0 }
    }

    /// Number of different paths.
    pub(crate) fn paths(&self) -> usize {
        self.paths
    }

    /// Adds a path; adding it again changes nothing.
    pub(crate) fn insert(&mut self, steps: &[Step]) {
        let mut at = 0;
        for step in steps {
            at = match self.child(at, step) {
                Some(child) => child,
                None => self.add(at, step),
            };
        }
        if let Some(entry) = self.nodes.get_mut(at)
            && entry.path.is_none()
        {
            entry.path = Some(self.paths);
            self.paths += 1;
        }
    }

    /// The number of a path.
    pub(crate) fn path(&self, steps: &[Step]) -> Option<usize> {
        let end = steps.iter().try_fold(0, |at, step| self.child(at, step))?;
        self.nodes.get(end)?.path
    }

    fn child(&self, at: usize, step: &Step) -> Option<usize> {
        let entry = self.nodes.get(at)?;
        match step {
            Step::Key(key) => entry.key(key.as_bytes()),
            Step::Index(index) => entry.index(*index),
        }
    }

    fn add(&mut self, at: usize, step: &Step) -> usize {
        let child = self.nodes.len();
        self.nodes.push(Entry::default());
        if let Some(entry) = self.nodes.get_mut(at) {
            match step {
                Step::Key(key) => entry.keys.push((key.as_bytes().into(), child)),
                Step::Index(index) => entry.indexes.push((*index, child)),
            }
        }
        child
    }
}

impl Entry {
    fn key(&self, key: &[u8]) -> Option<usize> {
        self.keys.iter().find(|(wanted, _)| **wanted == *key).map(|(_, child)| *child)
    }

    fn index(&self, index: usize) -> Option<usize> {
        self.indexes.iter().find(|(wanted, _)| *wanted == index).map(|(_, child)| *child)
    }
}

/// One pass over one document.
pub(crate) struct Walk<'w> {
    tree: &'w Tree,
    cursor: Cursor<'w>,
    /// Where the document begins in its column.
    base: usize,
    /// One span per path.
    found: &'w mut [Span],
    /// Entries met so far; of equal keys in one object the first counts.
    met: &'w mut Vec<usize>,
}

impl<'w> Walk<'w> {
    /// Finds every path of `tree` in `document`, which begins at `base` in its column. `met` is scratch space.
    pub(crate) fn run(
        tree: &'w Tree,
        document: &'w [u8],
        base: usize,
        found: &'w mut [Span],
        met: &'w mut Vec<usize>,
    ) {
        met.clear();
        let mut walk = Walk { tree, cursor: Cursor::new(document), base, found, met };
        // A damaged document ends the walk; what was found before stays.
        let _ = walk.value(0, false);
    }

    /// Enters the value at the cursor. It is left again only for `finish` or when a path ends here: the last
    /// value that somebody waits for need not be read to its end. Recursion is as deep as the longest path.
    fn value(&mut self, at: usize, finish: bool) -> Option<()> {
        self.cursor.blanks();
        let start = self.cursor.at;
        let tree = self.tree;
        let entry = tree.nodes.get(at)?;
        let finish = finish || entry.path.is_some();
        match self.cursor.peek()? {
            b'{' if !entry.keys.is_empty() => self.object(entry, finish)?,
            b'[' if !entry.indexes.is_empty() => self.array(entry, finish)?,
            _ if finish => self.cursor.skip_value()?,
            _ => {}
        }
        if let Some(found) = entry.path.and_then(|path| self.found.get_mut(path)) {
            *found = Span { start: (self.base + start) as u32, end: (self.base + self.cursor.at) as u32 };
        }
        Some(())
    }

    fn object(&mut self, entry: &Entry, finish: bool) -> Option<()> {
        let mut left = entry.keys.len();
        self.cursor.at += 1;
        if self.cursor.accept(b'}') {
            return Some(());
        }
        loop {
            let key = self.cursor.string()?;
            if !self.cursor.accept(b':') {
                return None;
            }
            match entry.key(&unescape(key)).filter(|child| !self.met.contains(child)) {
                Some(child) => {
                    self.met.push(child);
                    left -= 1;
                    self.value(child, finish || left > 0)?;
                    if left == 0 {
                        return if finish { self.cursor.leave() } else { Some(()) };
                    }
                }
                None => self.cursor.skip_value()?,
            }
            if !self.cursor.accept(b',') {
                return self.cursor.accept(b'}').then_some(());
            }
        }
    }

    fn array(&mut self, entry: &Entry, finish: bool) -> Option<()> {
        let mut left = entry.indexes.len();
        self.cursor.at += 1;
        if self.cursor.accept(b']') {
            return Some(());
        }
        for index in 0.. {
            match entry.index(index) {
                Some(child) => {
                    left -= 1;
                    self.value(child, finish || left > 0)?;
                    if left == 0 {
                        return if finish { self.cursor.leave() } else { Some(()) };
                    }
                }
                None => self.cursor.skip_value()?,
            }
            if !self.cursor.accept(b',') {
                return self.cursor.accept(b']').then_some(());
            }
        }
        None
    }
}
