//! Folders: the names there are, and those that last.

use super::file::File;
use super::random::Random;
use crate::disk::{join, split};
use parking_lot::Mutex;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

/// What a name stands for.
#[derive(Clone)]
pub(super) enum Node {
    File(Arc<File>),
    Folder(Arc<Folder>),
}

#[derive(Default)]
pub(super) struct Folder(Mutex<Names>);

#[derive(Default)]
struct Names {
    live: BTreeMap<String, Node>,
    durable: BTreeMap<String, Node>,
    /// Changes since the last sync, oldest first; `None` is a removal.
    pending: Vec<(String, Option<Node>)>,
}

/// Files met in a crash: one with two names must stay one.
pub(super) type Met = HashMap<*const File, Arc<File>>;

impl Folder {
    pub fn get(&self, name: &str) -> Option<Node> {
        self.0.lock().live.get(name).cloned()
    }

    pub fn set(&self, name: &str, node: Option<Node>) {
        let mut names = self.0.lock();
        change(&mut names.live, name.to_owned(), node.clone());
        names.pending.push((name.to_owned(), node));
    }

    pub fn sync(&self) {
        let Names { durable, pending, .. } = &mut *self.0.lock();
        for (name, node) in pending.drain(..) {
            change(durable, name, node);
        }
    }

    pub fn is_empty(&self) -> bool {
        self.0.lock().live.is_empty()
    }

    pub fn names(&self) -> Vec<String> {
        let names = self.0.lock();
        let shown = |(name, node): (&String, &Node)| match node {
            Node::File(_) => name.clone(),
            Node::Folder(_) => format!("{name}/"),
        };
        let mut names: Vec<String> = names.live.iter().map(shown).collect();
        names.sort_unstable();
        names
    }

    /// What `path` stands for, seen from here.
    pub fn find(self: &Arc<Self>, path: &str) -> Option<Node> {
        if path.is_empty() {
            return Some(Node::Folder(self.clone()));
        }
        let (parent, name) = split(path);
        self.subfolder(parent)?.get(name)
    }

    pub fn subfolder(self: &Arc<Self>, path: &str) -> Option<Arc<Folder>> {
        match self.find(path)? {
            Node::Folder(folder) => Some(folder),
            Node::File(_) => None,
        }
    }

    pub fn files(&self, path: &str, found: &mut Vec<(String, u64)>) {
        for (name, node) in &self.0.lock().live {
            match node {
                Node::File(file) => found.push((join(path, name), file.len())),
                Node::Folder(folder) => folder.files(&join(path, name), found),
            }
        }
    }

    /// The folder after power loss: of each name one of its states since the last sync.
    pub fn crash(&self, random: &mut Random, used: &Arc<AtomicU64>, met: &mut Met) -> Arc<Folder> {
        let Names { live, durable, pending } = &*self.0.lock();
        let left = match random.below(4) {
            0 => durable.clone(),
            1 => live.clone(),
            _ => survivors(durable, pending, random),
        };
        let mut names = Names::default();
        for (name, node) in left {
            let node = match node {
                Node::Folder(folder) => Node::Folder(folder.crash(random, used, met)),
                Node::File(file) => {
                    let survivor = || File::new(file.survivor(random), used);
                    Node::File(met.entry(Arc::as_ptr(&file)).or_insert_with(survivor).clone())
                }
            };
            names.durable.insert(name.clone(), node.clone());
            names.live.insert(name, node);
        }
        Arc::new(Self(Mutex::new(names)))
    }
}

fn survivors(
    durable: &BTreeMap<String, Node>,
    pending: &[(String, Option<Node>)],
    random: &mut Random,
) -> BTreeMap<String, Node> {
    let mut left = durable.clone();
    for (name, node) in pending {
        if random.coin() {
            change(&mut left, name.clone(), node.clone());
        }
    }
    left
}

fn change(names: &mut BTreeMap<String, Node>, name: String, node: Option<Node>) {
    match node {
        Some(node) => names.insert(name, node),
        None => names.remove(&name),
    };
}
