//! A sealed segment of which one file is not as it was written. Lengths and what is needed to get past the first
//! checks are made to fit.

use crate::{edit, sample};
use elanus_ann::SearchParams;
use elanus_kernels::Metric;
use elanus_segment::{Against, PrimaryKey, Sealed, Segment, SegmentFiles, SegmentSearch};
use elanus_storage::disk::join;
use elanus_types::input::FilterText;
use elanus_types::schema::TIMESTAMP_FIELD;
use elanus_types::{CollectionMeta, FieldId, Result, Timestamp};
use std::sync::{Arc, OnceLock};

/// A segment with its files, each with its path.
struct Given {
    meta: Arc<CollectionMeta>,
    files: SegmentFiles,
    bytes: Vec<(String, Vec<u8>)>,
}

fn given() -> &'static Given {
    static GIVEN: OnceLock<Given> = OnceLock::new();
    GIVEN.get_or_init(|| {
        let meta = Arc::clone(sample::sample().collections.first().expect("a collection"));
        let files = sample::segments(&meta).into_iter().max_by_key(|files| files.rows).expect("a segment");
        let folder = files.folder(&sample::folder(&meta));
        let inside = sample::sample().files.iter().filter(|(path, _)| path.starts_with(&folder));
        Given { bytes: inside.cloned().collect(), meta, files }
    })
}

pub fn run(input: &[u8]) {
    let Given { meta, files, bytes } = given();
    let Some(((path, whole), edits)) = edit::chosen(input, bytes) else { return };
    let changed = edit::edited(whole, edits);
    let mut files = files.clone();
    let folder = files.folder(&sample::folder(meta));
    let columns = files.columns.iter_mut().map(|column| &mut column.file);
    let others = files.deletes.iter_mut().map(|deletes| &mut deletes.file);
    let indexes = files.indexes.iter_mut().map(|index| &mut index.file);
    for entry in columns.chain([&mut files.keys]).chain(others).chain(indexes) {
        if join(&folder, &entry.name) == *path {
            entry.bytes = changed.len() as u64;
        }
    }
    let mut bytes = bytes.clone();
    bytes
        .iter_mut()
        .filter(|(other, _)| other == path)
        .for_each(|(_, bytes)| *bytes = with_sound_head(changed.clone()));
    let disk = sample::disk(&bytes);
    if let Ok(sealed) = Sealed::open(&disk, &sample::folder(meta), Arc::clone(&meta.schema), &files) {
        let _ = read(meta, &sealed);
    }
}

/// A container whose head's checksum fits what it says.
fn with_sound_head(mut bytes: Vec<u8>) -> Vec<u8> {
    let parts =
        bytes.get(12..16).and_then(|four| four.first_chunk()).map_or(0, |four| u32::from_le_bytes(*four));
    let end = 16 + parts as usize * 24;
    if bytes.starts_with(b"ELANUS") && end < bytes.len() {
        let crc = crc32c(&bytes[..end]).to_le_bytes();
        bytes.iter_mut().skip(end).zip(crc).for_each(|(byte, new)| *byte = new);
    }
    bytes
}

/// The Castagnoli checksum, bit by bit: heads are short.
fn crc32c(bytes: &[u8]) -> u32 {
    let step = |crc: u32| if crc & 1 == 1 { crc >> 1 ^ 0x82f6_3b78 } else { crc >> 1 };
    let byte = |crc: u32, byte: &u8| (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc));
    !bytes.iter().fold(!0, byte)
}

fn read(meta: &CollectionMeta, sealed: &Sealed) -> Result<()> {
    let fields: Vec<FieldId> =
        meta.schema.fields.iter().map(|field| field.id).chain([TIMESTAMP_FIELD]).collect();
    let rows: Vec<u32> = (0..sealed.rows() as u32).collect();
    for field in &fields {
        let _ = sealed.take(&rows, &[*field]);
    }
    for key in [0, 3, i64::MAX] {
        let _ = (sealed.rows_of(&PrimaryKey::Int(key)), sealed.find(&PrimaryKey::Int(key)));
    }
    let _ = (sealed.verify(), sealed.visible(Timestamp(1)), sealed.primary_key(0), sealed.timestamp(0));
    for text in [
        "small > 3",
        "name like \"n%\"",
        "array_contains(tags, \"1\")",
        "color > 3",
        "doc[\"a\"][0] < 9",
        "match_all(parts, $[n] > 0)",
        "array_length(parts[v]) > 1 and element_filter(parts, $[n] > 0)",
    ] {
        let predicate = elanus_filter::compile(&FilterText::new(text), &meta.schema)?;
        let _ = sealed.matching(predicate.as_ref(), Timestamp::MAX);
        let _ = predicate.map(|predicate| sealed.elements(&predicate, &rows));
    }
    let params = SearchParams { ef: Some(30), ..SearchParams::default() };
    let list = [sample::vector(7), sample::vector(8)].concat();
    for (name, query, metric, against) in [
        ("vector", sample::vector(7), Metric::L2, Against::Vectors),
        ("vector", sample::vector(7), Metric::Ip, Against::Vectors),
        ("bits", vec![5], Metric::Hamming, Against::Vectors),
        ("parts[v]", list, Metric::Cosine, Against::Lists),
        ("parts[v]", sample::vector(7), Metric::L2, Against::Elements),
    ] {
        let field = meta.schema.field(name).map_or(0, |field| field.id);
        let search = SegmentSearch {
            against,
            field,
            metric,
            queries: &[&query],
            k: 5,
            params: &params,
            predicate: None,
            read: Timestamp::MAX,
            range: None,
            excluded: None,
            pool: None,
        };
        let _ = sealed.search(&search);
        let _ = (against == Against::Elements).then(|| sealed.nearest_elements(&search, 0, &rows));
    }
    Ok(())
}

pub fn samples() -> Vec<Vec<u8>> {
    edit::samples(given().bytes.len())
}
