//! The table of all settings.

use super::{Kind, Setting};

macro_rules! settings {
    ($($(#[doc = $help:literal])+ $id:ident: $name:literal, $kind:expr, $default:literal;)*) => {
        $($(#[doc = $help])+ pub static $id: Setting =
            Setting { name: $name, kind: $kind, default: $default, help: concat!($($help),+) };)*

        /// Every setting, in the order in which they are shown.
        pub static ALL: &[&Setting] = &[$(&$id),*];
    };
}

const fn count(least: u64, most: u64) -> Kind {
    Kind::Count { least, most }
}

const fn bytes(least: u64, most: u64) -> Kind {
    Kind::Bytes { least, most }
}

const MIB: u64 = 1 << 20;
const TIB: u64 = 1 << 40;
const DAY: u64 = 86_400_000;

settings! {
    /// Folder of the database; made when missing. One process at a time may have it open.
    DATA: "data", Kind::Text, "./elanus-data";
    /// Address that the server and the admin endpoint listen on.
    BIND: "bind", Kind::Text, "127.0.0.1";
    /// Port of the Milvus protocol.
    PORT: "port", count(1, 65_535), "19530";
    /// Port of health checks, metrics and status.
    ADMIN_PORT: "admin_port", count(1, 65_535), "9091";
    /// Allow addresses that other machines reach, though there is no authentication yet.
    INSECURE_BIND: "insecure_bind", Kind::Flag, "false";
    /// Largest request that is accepted.
    MAX_REQUEST: "max_request", bytes(MIB, 2048 * MIB - 1), "64MiB";
    /// How long requests under way may still take after the server was asked to stop.
    DRAIN: "drain", Kind::Time { least: 0, most: 600_000 }, "5s";
    /// What is logged: error, warn, info, debug or trace, also by module (info,elanus_engine=debug).
    LOG: "log", Kind::Text, "info";
    /// Threads that search and build indexes; 0 is one per CPU.
    THREADS: "threads", count(0, 4096), "0";
    /// Threads that serve the network; 0 is one per two CPUs.
    NETWORK_THREADS: "network_threads", count(0, 1024), "0";
    /// What an insert does with a primary key that exists: replace the row, keep both as Milvus does, reject the request.
    DUPLICATE_PK: "duplicate_pk", Kind::Choice(&["replace", "keep", "reject"]), "replace";
    /// Old versions of rows stay readable this long, for iterators under way.
    RETENTION: "retention", Kind::Time { least: 0, most: 30 * DAY }, "15m";
    /// After this long without a write a collection settles: everything sealed, merged and indexed.
    QUIET: "quiet", Kind::Time { least: 0, most: DAY }, "2s";
    /// All files of a collection are compared with their checksums once in this time, in the background; 0 is never.
    SCRUB: "scrub", Kind::Time { least: 0, most: 365 * DAY }, "1d";
    /// Rows of a collection in memory beyond this size, or a quarter of growing_memory, are sealed into files.
    GROWING_SIZE: "growing_size", bytes(1 << 10, TIB), "256MiB";
    /// Rows in memory of all collections together, and writes under way; above it the largest collections are sealed and writers wait.
    GROWING_MEMORY: "growing_memory", bytes(1 << 10, TIB), "1GiB";
    /// Memory for vector indexes and the vectors they refine hits with; AUTOINDEX chooses smaller kinds where all does not fit. 0 is three quarters of the machine's or control group's.
    INDEX_MEMORY: "index_memory", bytes(0, 64 * TIB), "0";
    /// Collections that hold the log above this size are sealed, so that it can be shortened.
    LOG_SIZE: "log_size", bytes(1 << 10, 64 * TIB), "512MiB";
    /// Size of one file of the log.
    LOG_FILE_SIZE: "log_file_size", bytes(1 << 10, TIB), "64MiB";
    /// Merging makes no segment larger than this.
    SEGMENT_SIZE: "segment.max_size", bytes(1 << 10, TIB), "1GiB";
    /// Segments with fewer rows are searched exactly, without an index.
    SEGMENT_INDEX_ROWS: "segment.index_min_rows", count(1, 1 << 40), "4096";
    /// Segments with this many rows are indexed while writes go on; smaller ones wait for quiet.
    SEGMENT_BUSY_ROWS: "segment.index_busy_rows", count(1, 1 << 40), "200000";
    /// So many small segments are merged at once while writes go on.
    SEGMENT_FAN_IN: "segment.busy_fan_in", count(2, 1024), "8";
    /// Longest name in bytes.
    NAME_LENGTH: "limits.name_length", count(1, 65_535), "255";
    /// Longest description in bytes.
    DESCRIPTION_LENGTH: "limits.description_length", count(0, MIB), "1024";
    /// Most databases, the default one included.
    DATABASES: "limits.databases", count(1, MIB), "64";
    /// Most collections in all databases together.
    COLLECTIONS: "limits.collections", count(1, 1 << 24), "65536";
    /// Most collections in one database; its property database.max.collections goes first.
    COLLECTIONS_PER_DATABASE: "limits.collections_per_database", count(1, 1 << 24), "65536";
    /// Most partitions of a collection.
    PARTITIONS: "limits.partitions", count(1, 65_536), "1024";
    /// Partitions of a collection with a partition key that asks for no number.
    PARTITION_KEY_PARTITIONS: "limits.partition_key_partitions", count(1, 65_536), "16";
    /// Most shards of a collection.
    SHARDS: "limits.shards", count(1, 1024), "16";
    /// Most declared fields of a collection.
    FIELDS: "limits.fields", count(1, 4096), "64";
    /// Most vector fields of a collection.
    VECTOR_FIELDS: "limits.vector_fields", count(1, 4096), "10";
    /// Most dimensions of a vector; a binary vector may have eight times as many bits.
    DIMENSIONS: "limits.dimensions", count(2, 1 << 20), "32768";
    /// Largest max_length of a VARCHAR field in bytes.
    VARCHAR_LENGTH: "limits.varchar_length", count(1, 1 << 30), "65535";
    /// Largest max_capacity of an ARRAY field.
    ARRAY_CAPACITY: "limits.array_capacity", count(1, 1 << 24), "4096";
    /// Largest JSON value, and all dynamic keys of one row, in bytes.
    JSON_LENGTH: "limits.json_length", bytes(1, 1 << 30), "64KiB";
    /// Largest parameters of an index, all together.
    INDEX_PARAMS_SIZE: "limits.index_params_size", bytes(1, 1 << 30), "100KiB";
    /// Most query vectors of a search (nq).
    QUERIES: "limits.queries", count(1, MIB), "16384";
    /// Largest offset + limit of a search or query.
    WINDOW: "limits.window", count(1, 1 << 30), "16384";
    /// Most searches fused by one hybrid search.
    HYBRID_REQUESTS: "limits.hybrid_requests", count(1, 65_536), "1024";
    /// Most hits per group of a grouping search.
    GROUP_SIZE: "limits.group_size", count(1, 65_536), "10";
    /// Most groups of a query with group_by_fields.
    QUERY_GROUPS: "limits.query_groups", count(1, 100_000_000), "100000";
    /// Largest result of one search or query.
    OUTPUT_SIZE: "limits.output_size", bytes(1 << 10, 2048 * MIB - 1), "100MiB";
}
