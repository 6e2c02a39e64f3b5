//! Scalar indexes of a segment: they change no answer, last, and can be lost.

use super::*;
use elanus_filter::index::IndexSpec;
use elanus_types::catalog::Properties;
use elanus_types::{ColumnBuilder, ColumnData};

const ROWS: usize = 40_000;

fn schema() -> Arc<CollectionSchema> {
    let field =
        |id, name: &str, data_type| FieldSchema { max_length: 200, ..FieldSchema::new(id, name, data_type) };
    let key = FieldSchema { primary_key: true, ..field(100, "id", DataType::Int64) };
    let number = FieldSchema { nullable: true, ..field(101, "n", DataType::Int32) };
    let fields = vec![key, number, field(102, "t", DataType::VarChar), field(103, "j", DataType::Json)];
    Arc::new(CollectionSchema { fields, version: 1, ..CollectionSchema::default() })
}

fn sealed(disk: &TempDisk) -> Sealed {
    let rng = &mut fastrand::Rng::with_seed(5);
    let schema = schema();
    let growing = Growing::new(1, 2, Arc::clone(&schema));
    let ids = Column::new(ColumnData::Int64((0..ROWS as i64).collect()));
    let mut columns: Vec<ColumnBuilder> = schema.fields.iter().map(ColumnBuilder::for_field).collect();
    for row in 0..ROWS {
        let number = rng.i64(0..1000);
        columns[1].push(&if number < 50 { Value::Null } else { Value::Int(number) });
        columns[2].push(&Value::Str(format!("word{} of {}", number % 97, row / 1000)));
        columns[3].push(&Value::Str(format!("{{\"a\": {}, \"b\": {{\"c\": \"x{number}\"}}}}", row % 50)));
    }
    let mut columns: Vec<_> = schema.fields.iter().zip(columns).map(|(f, c)| (f.id, c.finish())).collect();
    columns[0].1 = ids;
    growing.append(&RowBatch { rows: ROWS, columns }, Timestamp(3));
    let all = (0..ROWS as u32).collect();
    let files = write_sealed(&**disk, "c", 7, 2, &schema, &[(Arc::new(growing), all)]).unwrap();
    Sealed::open(&**disk, "c", schema, &files).unwrap()
}

/// (field, kind, parameters, what it is called in plans).
fn specs(schema: &CollectionSchema) -> Vec<(FieldId, IndexSpec)> {
    let params = |list: &[(&str, &str)]| -> Properties {
        list.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    };
    let spec = |name: &str, kind: &str, list: &[(&str, &str)]| {
        let field = schema.field(name).unwrap();
        (field.id, IndexSpec::from_params(field, kind, &params(list)).unwrap())
    };
    vec![
        spec("n", "STL_SORT", &[]),
        spec("t", "NGRAM", &[("min_gram", "2"), ("max_gram", "3")]),
        spec("j", "INVERTED", &[("json_path", "j[\"a\"]"), ("json_cast_type", "double")]),
        (103, IndexSpec::shredded()),
    ]
}

const FILTERS: [(&str, &str); 7] = [
    ("n == 77", "STL_SORT"),
    ("not (n >= 500)", "STL_SORT"),
    ("t like \"%rd13 of 2%\"", "NGRAM"),
    ("j[\"a\"] in [3, 4]", "INVERTED"),
    ("j[\"b\"][\"c\"] == \"x99\"", "JSON_SHREDDED"),
    ("j[\"b\"] == 3", "scan"),
    ("id > 39990", "scan"),
];

fn answers(sealed: &Sealed) -> Vec<(Bitmap, String)> {
    let one = |text: &str| {
        let predicate = elanus_filter::compile(&FilterText::new(text), sealed.schema()).unwrap().unwrap();
        let rows = sealed.matching(Some(&predicate), Timestamp(9)).unwrap();
        let told = sealed.explain_filter(&predicate, Timestamp(9)).unwrap();
        assert_eq!(told.passed, rows.count(), "{text}");
        (rows, told.steps.first().map_or(String::new(), |step| step.method.clone()))
    };
    FILTERS.iter().map(|(text, _)| one(text)).collect()
}

#[test]
fn indexes_answer_as_scans_do_and_last() {
    let disk = TempDisk::new();
    let sealed = sealed(&disk);
    sealed.delete_row(11, Timestamp(5));
    let before = answers(&sealed);
    assert!(before.iter().all(|(_, method)| method == "scan"));
    for (number, (field, spec)) in specs(sealed.schema()).into_iter().enumerate() {
        let request =
            crate::ScalarRequest { field, index: number as i64 + 1, spec, number: 40 + number as i64 };
        let file = sealed.build_scalar(&*disk, "c", &request).unwrap();
        assert!(file.distinct > 1 && file.file.bytes > 1000, "{file:?}");
        sealed.attach_scalar(&*disk, "c", file).unwrap();
    }
    let check = |sealed: &Sealed| {
        for ((before, after), (text, method)) in before.iter().zip(answers(sealed)).zip(FILTERS) {
            assert_eq!(before.0, after.0, "{text}");
            assert_eq!(after.1, method, "{text}");
        }
    };
    check(&sealed);
    let mut files = sealed.files();
    assert_eq!(files.scalars.len(), 4);
    sealed.write_deletes(&*disk, "c", 90).unwrap();
    files.deletes = sealed.files().deletes;
    check(&Sealed::open(&*disk, "c", schema(), &files).unwrap());
    sealed.detach_scalar(1);
    assert_eq!(answers(&sealed)[0].1, "scan");
    // Files that are mapped must not change.
    drop(sealed);
    // A lost file costs speed, not answers.
    std::fs::remove_file(disk.path(&format!("c/7/{}", files.scalars[0].file.name))).unwrap();
    let path = disk.path(&format!("c/7/{}", files.scalars[1].file.name));
    let mut bytes = std::fs::read(&path).unwrap();
    bytes.truncate(bytes.len() / 2);
    std::fs::write(&path, bytes).unwrap();
    let opened = Sealed::open(&*disk, "c", schema(), &files).unwrap();
    assert_eq!(opened.files().scalars.len(), 2, "what cannot be opened is built anew");
    for (before, after) in before.iter().zip(answers(&opened)) {
        assert_eq!(before.0, after.0);
    }
}

#[test]
fn bounds_rule_a_whole_segment_out() {
    let disk = TempDisk::new();
    let sealed = sealed(&disk);
    let told = |text: &str| {
        let predicate = elanus_filter::compile(&FilterText::new(text), sealed.schema()).unwrap().unwrap();
        sealed.explain_filter(&predicate, Timestamp(9)).unwrap()
    };
    assert!(!told("n > 1000").pruned.is_empty() && told("n > 1000").steps.is_empty());
    assert!(told("n > 1000 or t like \"w%\"").pruned.is_empty());
    assert_eq!(told("n > 1000 or t like \"w%\"").passed, ROWS);
}
