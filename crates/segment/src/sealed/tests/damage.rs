//! Damaged and missing files.

use super::*;
use std::fs;

fn written(seed: u64) -> (TempDisk, Arc<CollectionSchema>, SegmentFiles) {
    let rng = &mut fastrand::Rng::with_seed(seed);
    let disk = TempDisk::new();
    let schema = testing::schema(rng);
    let sources = sources(rng, &schema);
    let all: Vec<(Arc<dyn Segment>, Vec<u32>)> =
        sources.iter().map(|s| (Arc::clone(s) as Arc<dyn Segment>, (0..s.rows() as u32).collect())).collect();
    let files = write_sealed(&*disk, "c", 7, 5, &schema, &all).unwrap();
    (disk, schema, files)
}

/// Every kind of read; what they answer does not matter.
fn read_all(rng: &mut fastrand::Rng, sealed: &Sealed) {
    let schema = Arc::clone(sealed.schema());
    for row in 0..sealed.rows() as u32 {
        sealed.timestamp(row);
        if let Some(key) = sealed.primary_key(row) {
            sealed.rows_of(&key);
        }
        for field in &schema.fields {
            let _ = sealed.take(&[row], &[field.id]);
        }
    }
    for filter in filters(rng, &schema) {
        let predicate = elanus_filter::compile(&FilterText::new(&filter), &schema).unwrap();
        let _ = sealed.matching(predicate.as_ref(), Timestamp(30));
        let _ = predicate.map(|predicate| sealed.elements(&predicate, &[0, 3]));
    }
    for field in schema.vectors() {
        let against = match field.data_type {
            DataType::ArrayOfVector => Against::Elements,
            _ => Against::Vectors,
        };
        let query = query(rng, field, against);
        let search = SegmentSearch {
            against,
            field: field.id,
            metric: metrics(field.vector_type())[0],
            queries: &[&query],
            k: 5,
            params: &SearchParams::default(),
            predicate: None,
            read: Timestamp(30),
            range: None,
            excluded: None,
            pool: None,
        };
        let _ = sealed.search(&search);
        let _ = (against == Against::Elements).then(|| sealed.nearest_elements(&search, 0, &[0, 3]));
    }
}

#[test]
fn flipped_bits_are_errors_or_other_answers_but_never_a_panic() {
    for seed in 0..4 {
        let (disk, schema, files) = written(seed);
        let rng = &mut fastrand::Rng::with_seed(seed);
        for file in files.all() {
            let path = disk.path("c/7").join(&file.name);
            let good = fs::read(&path).unwrap();
            for _ in 0..60 {
                let mut bad = good.clone();
                bad[rng.usize(..good.len())] ^= 1 << rng.u8(..8);
                // A new file, not new contents: maps of the old one stay as they are.
                fs::remove_file(&path).unwrap();
                fs::write(&path, &bad).unwrap();
                match Sealed::open(&*disk, "c", Arc::clone(&schema), &files) {
                    Ok(sealed) => read_all(rng, &sealed),
                    Err(error) => assert!(error.message().contains("c/7"), "{error}"),
                }
            }
            fs::remove_file(&path).unwrap();
            fs::write(&path, &good).unwrap();
        }
    }
}

#[test]
fn short_and_missing_files_are_errors_with_the_name() {
    let (disk, schema, files) = written(11);
    for file in files.all() {
        let path = disk.path("c/7").join(&file.name);
        let good = fs::read(&path).unwrap();
        for len in [0, 1, 63, good.len() / 2, good.len() - 1] {
            fs::remove_file(&path).unwrap();
            fs::write(&path, &good[..len]).unwrap();
            let error = Sealed::open(&*disk, "c", Arc::clone(&schema), &files).unwrap_err();
            assert!(error.message().contains(&file.name), "{error}");
        }
        fs::remove_file(&path).unwrap();
        let error = Sealed::open(&*disk, "c", Arc::clone(&schema), &files).unwrap_err();
        assert!(error.message().contains(&file.name), "{error}");
        fs::write(&path, &good).unwrap();
    }
    Sealed::open(&*disk, "c", schema, &files).unwrap();
}

#[test]
fn damage_between_the_ends_is_found_before_rows_are_copied() {
    let (disk, schema, files) = written(12);
    let vectors = files.columns.last().unwrap();
    let path = disk.path("c/7").join(&vectors.file.name);
    let sealed = Sealed::open(&*disk, "c", Arc::clone(&schema), &files).unwrap();
    let rows: Vec<u32> = (0..sealed.rows() as u32).collect();
    write_sealed(&*disk, "c", 8, 5, &schema, &[(Arc::new(sealed), rows.clone())]).unwrap();
    let mut bad = fs::read(&path).unwrap();
    let middle = bad.len() / 2;
    bad[middle] ^= 1;
    fs::remove_file(&path).unwrap();
    fs::write(&path, &bad).unwrap();
    let Ok(sealed) = Sealed::open(&*disk, "c", Arc::clone(&schema), &files) else { return };
    let error = write_sealed(&*disk, "c", 9, 5, &schema, &[(Arc::new(sealed), rows)]).unwrap_err();
    assert!(error.message().contains(&vectors.file.name), "{error}");
}
