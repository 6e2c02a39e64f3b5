//! Indexes are measured by the queries that were asked, and keep what was learnt.

use super::*;

fn measured(db: &LocalDb) -> Result<String> {
    Ok(run(db.status(&target()))?.indexes[0].measured.clone())
}

#[test]
fn searches_teach_an_index_how_hard_to_look() -> Result<()> {
    let folder = tempfile();
    let learnt = {
        let db = open(&folder);
        create(&db)?;
        index(&db, "AUTOINDEX")?;
        insert(&db, 0..6000, InsertMode::Insert, "a")?;
        db.maintain()?;
        assert!(measured(&db)?.contains("when built"), "{}", measured(&db)?);
        for like in 0..127 {
            search(&db, like * 45, 10, "")?;
        }
        db.maintain()?;
        assert!(measured(&db)?.contains("when built"), "too few queries say nothing");
        search(&db, 5999, 10, "")?;
        db.maintain()?;
        measured(&db)?
    };
    assert!(learnt.contains("over 128 queries asked"), "{learnt}");
    let db = open(&folder);
    search(&db, 1, 10, "")?;
    assert_eq!(measured(&db)?, learnt, "it outlives a restart");
    assert_eq!(ids(&search(&db, 4321, 3, "")?.ids)[0], 4321);
    insert(&db, 6000..9000, InsertMode::Insert, "a")?;
    db.maintain()?;
    assert!(measured(&db)?.contains("when built"), "a merged segment has an index of its own");
    Ok(())
}

#[test]
fn pages_of_an_iterator_and_refused_searches_teach_nothing() -> Result<()> {
    let folder = tempfile();
    let db = open(&folder);
    create(&db)?;
    index(&db, "HNSW")?;
    insert(&db, 0..5000, InsertMode::Insert, "a")?;
    db.maintain()?;
    for like in 0..140 {
        assert!(search_near(&db, [f32::NAN; DIM], 3, "").is_err());
        assert!(search(&db, like, 3, "nothing ==").is_err());
        let request = SearchRequest { iterator: true, ..request(vector_of(like), 3, "") };
        run(db.search(request))?;
    }
    db.maintain()?;
    assert!(measured(&db)?.contains("when built"));
    Ok(())
}
