use super::*;
use crate::LocalDisk;
use crate::testing::TempDir;
use std::fs;
use std::path::PathBuf;

fn open(root: &TempDir, file_bytes: u64) -> Result<FileWal> {
    let disk = Arc::new(LocalDisk::open(root.path())?);
    FileWal::open(disk, "log", WalOptions { file_bytes })
}

fn records(wal: &FileWal, from: Position) -> Result<Vec<(Position, Vec<u8>)>> {
    let mut all = Vec::new();
    wal.read_from(from, &mut |position, payload| {
        all.push((position, payload.to_vec()));
        Ok(())
    })?;
    Ok(all)
}

fn log_files(root: &TempDir) -> Vec<PathBuf> {
    let entries = fs::read_dir(root.path().join("log")).expect("folder");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("entry").path()).collect();
    paths.sort();
    paths
}

fn append(wal: &FileWal, payload: &[u8]) -> Position {
    wal.append(vec![Bytes::copy_from_slice(payload)]).expect("append")
}

#[test]
fn keeps_records_in_order_over_files_and_reopening() {
    let root = TempDir::new();
    let mut written = Vec::new();
    for round in 0..4_u8 {
        let wal = open(&root, 200).expect("open");
        assert_eq!(records(&wal, 0).expect("read"), written);
        for i in 0..5_u8 {
            let payload = vec![round * 16 + i; usize::from(i) * 30];
            let position = append(&wal, &payload);
            written.push((position, payload));
        }
        assert_eq!(records(&wal, 0).expect("read"), written);
        let (from, _) = written[written.len() / 2];
        assert_eq!(records(&wal, from).expect("read"), written[written.len() / 2..]);
        assert!(records(&wal, wal.end()).expect("read").is_empty());
    }
    assert!(log_files(&root).len() > 4, "rolls over");
}

#[test]
fn parts_of_a_record_come_back_as_one() {
    let root = TempDir::new();
    let wal = open(&root, 1 << 20).expect("open");
    let ticket = wal.enqueue(vec!["ab".into(), Bytes::new(), "cd".into()]).expect("enqueue");
    assert!(records(&wal, 0).expect("read").is_empty(), "not durable yet");
    assert_eq!(wal.wait(&ticket), Ok(()));
    assert_eq!(records(&wal, 0).expect("read"), [(ticket.position(), b"abcd".to_vec())]);
    assert_eq!((wal.end(), ticket.next()), (68, 68));
}

#[test]
fn one_writer_serves_many_threads_in_queue_order() {
    let root = TempDir::new();
    let wal = open(&root, 4_000).expect("open");
    std::thread::scope(|scope| {
        for thread in 0..8_u8 {
            let wal = &wal;
            scope.spawn(move || {
                for i in 0..40 {
                    append(wal, &[thread, i]);
                }
            });
        }
    });
    let all = records(&wal, 0).expect("read");
    assert_eq!(all.len(), 320);
    assert!(all.windows(2).all(|pair| pair[0].0 < pair[1].0));
    for thread in 0..8 {
        let of_thread: Vec<u8> = all.iter().filter(|(_, r)| r[0] == thread).map(|(_, r)| r[1]).collect();
        assert_eq!(of_thread, (0..40).collect::<Vec<_>>());
    }
}

#[test]
fn truncating_drops_whole_files_and_keeps_positions() {
    let root = TempDir::new();
    let wal = open(&root, 100).expect("open");
    let positions: Vec<_> = (0..10_u8).map(|i| append(&wal, &[i; 50])).collect();
    wal.truncate_before(positions[5]).expect("truncate");
    let left = records(&wal, positions[5]).expect("read");
    assert_eq!(left.iter().map(|(p, _)| *p).collect::<Vec<_>>(), positions[5..]);
    let error = records(&wal, 0).expect_err("gone");
    assert!(error.message().contains("begins at position"), "{error}");

    let end = wal.end();
    wal.truncate_before(end).expect("truncate");
    assert_eq!((log_files(&root).len(), wal.size_bytes()), (1, layout::FILE_HEADER as u64));
    drop(wal);
    let wal = open(&root, 100).expect("open");
    assert_eq!((wal.begin(), wal.end()), (end, end), "an empty log still knows its position");
    assert!(append(&wal, b"x") >= end);
}

#[test]
fn a_torn_end_is_dropped_and_never_comes_back() {
    let root = TempDir::new();
    let wal = open(&root, 1 << 20).expect("open");
    let first = append(&wal, b"first");
    append(&wal, b"second");
    drop(wal);
    let path = log_files(&root).pop().expect("file");
    let whole = fs::read(&path).expect("file");
    let second_at = layout::FILE_HEADER + layout::RECORD_EXTRA + 5;
    for len in second_at..whole.len() {
        let copy = TempDir::new();
        fs::create_dir(copy.path().join("log")).expect("folder");
        fs::write(copy.path().join("log").join(path.file_name().expect("name")), &whole[..len])
            .expect("write");
        let wal = open(&copy, 1 << 20).expect("open");
        let third = append(&wal, b"third");
        drop(wal);
        let wal = open(&copy, 1 << 20).expect("open");
        let expected = [(first, b"first".to_vec()), (third, b"third".to_vec())];
        assert_eq!(records(&wal, 0).expect("read"), expected, "cut at {len}");
    }
}

#[test]
fn damage_to_what_was_durable_is_an_error_with_the_file_name() {
    let root = TempDir::new();
    let wal = open(&root, 1 << 20).expect("open");
    append(&wal, b"first");
    append(&wal, b"second");
    drop(wal);
    let path = log_files(&root).pop().expect("file");
    let whole = fs::read(&path).expect("file");
    let payload_at = layout::FILE_HEADER + layout::RECORD_HEADER;
    for at in (0..44).filter(|at| !(12..16).contains(at)).chain(payload_at..payload_at + 5) {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        if at < layout::FILE_HEADER {
            bytes[layout::COPIES[1] + at] ^= 1;
        }
        fs::write(&path, &bytes).expect("write");
        let error = open(&root, 1 << 20).err().unwrap_or_else(|| panic!("byte {at} went unnoticed"));
        assert_eq!(error.kind(), ErrorKind::Damaged);
        assert!(error.message().contains("log/0000"), "{error}");
    }
}

/// What a log holds whose only file has these bytes; files begun by opening it are taken away again.
fn texts_with(root: &TempDir, path: &std::path::Path, bytes: &[u8]) -> Vec<Vec<u8>> {
    fs::write(path, bytes).expect("write");
    let wal = open(root, 1 << 20).expect("opens by the other copy");
    let found = records(&wal, 0).expect("read").into_iter().map(|(_, text)| text).collect();
    drop(wal);
    let others = log_files(root).into_iter().filter(|file| file != path);
    others.for_each(|file| fs::remove_file(file).expect("remove"));
    found
}

#[test]
fn one_damaged_copy_of_a_record_header_does_no_harm() {
    let root = TempDir::new();
    let wal = open(&root, 1 << 20).expect("open");
    let texts: Vec<Vec<u8>> = vec![b"first".to_vec(), vec![7; 3000], b"last".to_vec()];
    let positions: Vec<_> = texts.iter().map(|text| append(&wal, text)).collect();
    drop(wal);
    let path = log_files(&root).pop().expect("file");
    let whole = fs::read(&path).expect("file");
    for (position, text) in positions.iter().zip(&texts) {
        let header = layout::FILE_HEADER + *position as usize;
        for (at, byte) in [header, header + layout::RECORD_HEADER + text.len()]
            .into_iter()
            .flat_map(|at| (0..layout::RECORD_HEADER).map(move |byte| (at, byte)))
        {
            let mut bytes = whole.clone();
            bytes[at + byte] ^= 0x10;
            assert_eq!(texts_with(&root, &path, &bytes), texts, "byte {byte} at {at}");
        }
    }
}

#[test]
fn one_damaged_copy_of_a_header_does_no_harm() {
    let root = TempDir::new();
    let wal = open(&root, 1 << 20).expect("open");
    append(&wal, b"first");
    drop(wal);
    let path = log_files(&root).pop().expect("file");
    let whole = fs::read(&path).expect("file");
    for at in layout::COPIES {
        let mut bytes = whole.clone();
        bytes[at..at + 512].fill(0xa5);
        assert_eq!(texts_with(&root, &path, &bytes), [b"first".to_vec()]);
    }
}

#[test]
fn damage_to_one_payload_can_be_read_around_and_names_whom_it_hits() {
    let root = TempDir::new();
    let wal = open(&root, 1 << 20).expect("open");
    let positions: Vec<_> = [(7, "first"), (8, "second"), (9, "third"), (0, "last")]
        .map(|(tag, text)| {
            let ticket = wal.enqueue_for(tag, vec![text.into()]).expect("enqueue");
            wal.wait(&ticket).expect("wait");
            ticket.position()
        })
        .into();
    drop(wal);
    let path = log_files(&root).pop().expect("file");
    let mut bytes = fs::read(&path).expect("file");
    for position in &positions[1..3] {
        bytes[layout::FILE_HEADER + *position as usize + layout::RECORD_HEADER + 1] ^= 4;
    }
    fs::write(&path, &bytes).expect("write");
    assert_eq!(open(&root, 1 << 20).expect_err("strict").kind(), ErrorKind::Damaged);
    let disk = Arc::new(LocalDisk::open(root.path()).expect("folder"));
    let wal = FileWal::open_around(disk, "log", WalOptions::default()).expect("opens");
    append(&wal, b"new");
    let (mut found, mut holes) = (Vec::new(), Vec::new());
    let mut visit = |_, payload: &[u8]| {
        found.push(String::from_utf8_lossy(payload).into_owned());
        Ok(())
    };
    wal.read_around(0, &mut visit, &mut |hole| {
        assert!(hole.error.message().contains("log/0000"), "{}", hole.error);
        holes.push((hole.position, hole.tag));
        Ok(())
    })
    .expect("read");
    assert_eq!(found, ["first", "last", "new"]);
    assert_eq!(holes, [(positions[1], 8), (positions[2], 9)]);
    assert!(records(&wal, 0).is_err(), "reading without looking at holes is an error");
}

#[test]
fn a_missing_or_cut_file_in_the_middle_is_an_error() {
    let root = TempDir::new();
    let wal = open(&root, 60).expect("open");
    for i in 0..6 {
        append(&wal, &[i; 40]);
    }
    drop(wal);
    let middle = log_files(&root).swap_remove(2);
    let whole = fs::read(&middle).expect("file");
    fs::write(&middle, &whole[..whole.len() - 1]).expect("write");
    let cut = open(&root, 60).expect_err("cut");
    fs::remove_file(&middle).expect("remove");
    let missing = open(&root, 60).expect_err("missing");
    for error in [cut, missing] {
        assert_eq!(error.kind(), ErrorKind::Damaged);
        assert!(error.message().contains("are missing"), "{error}");
    }
}

#[test]
fn refuses_oversized_records() {
    let root = TempDir::new();
    let wal = open(&root, 60).expect("open");
    let part = Bytes::from(vec![0; 1 << 20]);
    let error = wal.enqueue(vec![part; 1025]).expect_err("too large");
    assert_eq!(error.kind(), ErrorKind::ParameterTooLarge);
}
