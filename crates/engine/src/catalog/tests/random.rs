//! Random changes keep the catalog's invariants, and the log alone rebuilds it.

use super::{World, collection, index};
use crate::catalog::{CatalogRecord, apply, initial, plan};
use crate::db::CatalogChange;
use elanus_types::catalog::Properties;
use elanus_types::{Catalog, CollectionRef};
use proptest::prelude::*;
use std::collections::BTreeSet;

fn name() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["a", "b", "c", "d"]).prop_map(str::to_owned)
}

fn database() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["default", "x", "y"]).prop_map(str::to_owned)
}

fn target() -> impl Strategy<Value = CollectionRef> {
    (database(), name()).prop_map(|(database, name)| CollectionRef { database, name })
}

fn some_names() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(prop_oneof![name(), Just("_default".to_owned())], 0..3)
}

fn change() -> impl Strategy<Value = CatalogChange> {
    let field = prop::sample::select(vec!["v", "k", "id"]);
    prop_oneof![
        database().prop_map(|name| CatalogChange::CreateDatabase { name, properties: Properties::new() }),
        database().prop_map(|name| CatalogChange::DropDatabase { name }),
        (target(), any::<bool>())
            .prop_map(|(target, keyed)| CatalogChange::CreateCollection(Box::new(collection(target, keyed)))),
        target().prop_map(CatalogChange::DropCollection),
        (target(), target()).prop_map(|(target, to)| CatalogChange::RenameCollection { target, to }),
        (target(), any::<bool>()).prop_map(|(target, dynamic)| CatalogChange::AlterCollection {
            target,
            set: Properties::from([if dynamic {
                ("dynamicfield.enabled".to_owned(), "true".to_owned())
            } else {
                ("collection.description".to_owned(), "text".to_owned())
            }]),
            remove: vec![],
        }),
        (target(), name()).prop_map(|(target, name)| CatalogChange::CreatePartition { target, name }),
        (target(), name()).prop_map(|(target, name)| CatalogChange::DropPartition { target, name }),
        (target(), field).prop_map(|(target, field)| index(target, field)),
        target().prop_map(|target| CatalogChange::DropIndex {
            target,
            name: String::new(),
            field: String::new()
        }),
        (target(), name()).prop_map(|(target, alias)| CatalogChange::CreateAlias { target, alias }),
        (target(), name()).prop_map(|(target, alias)| CatalogChange::AlterAlias { target, alias }),
        (database(), name()).prop_map(|(database, alias)| CatalogChange::DropAlias { database, alias }),
        (target(), some_names()).prop_map(|(target, partitions)| CatalogChange::Load {
            target,
            partitions,
            fields: vec![]
        }),
        (target(), some_names())
            .prop_map(|(target, partitions)| CatalogChange::Release { target, partitions }),
    ]
}

fn all_ids(catalog: &Catalog) -> Vec<i64> {
    let databases = catalog.databases.values().map(|database| database.id);
    let inside = catalog.collections.values().flat_map(|meta| {
        let partitions = meta.partitions.iter().map(|partition| partition.id);
        partitions.chain(meta.indexes.iter().map(|index| index.id)).chain([meta.id])
    });
    databases.chain(inside).collect()
}

fn check(catalog: &Catalog, used: &mut BTreeSet<i64>, born: &[i64]) {
    let ids = all_ids(catalog);
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "numbers are unique");
    assert!(ids.iter().all(|id| *id < catalog.next_id), "the next number is free");
    for id in born {
        assert!(used.insert(*id), "number {id} was used before");
    }
    let mut names = BTreeSet::new();
    for meta in catalog.collections.values() {
        assert!(catalog.databases.contains_key(&meta.database), "every collection has a database");
        assert!(names.insert((meta.database.clone(), meta.name.clone())), "names are unique");
        let partitions: BTreeSet<_> = meta.partitions.iter().map(|partition| &partition.name).collect();
        assert!(!partitions.is_empty() && partitions.len() == meta.partitions.len());
        let fields: BTreeSet<_> = meta.indexes.iter().map(|index| index.field).collect();
        assert_eq!(fields.len(), meta.indexes.len(), "one index per field");
        assert!(meta.schema.fields.iter().all(|field| field.id < meta.next_field_id));
    }
    for (database, aliases) in &catalog.aliases {
        assert!(catalog.databases.contains_key(database));
        for alias in aliases.keys() {
            let there = catalog.alias(database, alias).expect("aliases resolve");
            assert_eq!(&there.database, database, "an alias stays in its database");
            assert!(names.insert((database.clone(), alias.clone())), "no alias is a collection's name");
        }
    }
}

proptest! {
    #[test]
    fn random_changes_keep_the_invariants(changes in prop::collection::vec(change(), 1..80)) {
        let mut world = World::new();
        let mut used: BTreeSet<i64> = all_ids(&world.catalog).into_iter().collect();
        let mut log: Vec<CatalogRecord> = Vec::new();
        for change in changes {
            let before = world.catalog.clone();
            let now = world.now.next();
            let record = plan(&before, &change, &world.limits, now).ok().flatten();
            prop_assert_eq!(world.change(change).ok().unwrap_or(false), record.is_some());
            let old: BTreeSet<i64> = all_ids(&before).into_iter().collect();
            let born: Vec<i64> = all_ids(&world.catalog).into_iter().filter(|id| !old.contains(id)).collect();
            check(&world.catalog, &mut used, &born);
            prop_assert!(world.catalog.next_id >= before.next_id);
            log.extend(record);
        }
        let replayed = log.iter().fold(initial(), |catalog, record| apply(&catalog, record));
        prop_assert_eq!(&replayed, &world.catalog);
        let text = serde_json::to_vec(&replayed).expect("serialises");
        let back: Catalog = serde_json::from_slice(&text).expect("parses");
        prop_assert_eq!(back, replayed);
    }
}
