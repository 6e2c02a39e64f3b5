//! The one error that crosses crate borders: a kind, the Milvus code, a message that says what to do.

use std::fmt;

/// `Result` with [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $retriable:literal, $input:literal;)*) => {
        /// What went wrong, one variant per Milvus code that Elanus answers.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ErrorKind { $($(#[$doc])* $name),* }

        impl ErrorKind {
            /// Every kind.
            pub const ALL: &'static [ErrorKind] = &[$(ErrorKind::$name),*];

            /// The code in the Milvus protocol.
            pub const fn code(self) -> i32 { match self { $(ErrorKind::$name => $code),* } }

            /// Whether the same call may succeed later.
            pub const fn retriable(self) -> bool { match self { $(ErrorKind::$name => $retriable),* } }

            /// Whether the caller's input is at fault.
            pub const fn is_input(self) -> bool { match self { $(ErrorKind::$name => $input),* } }
        }
    };
}

kinds! {
    /// The server starts or stops.
    NotReady = 1, true, false;
    /// A needed part is unavailable.
    Unavailable = 2, true, false;
    /// The memory budget is used up.
    MemoryExhausted = 3, false, false;
    /// Too many requests at once.
    TooManyRequests = 4, true, false;
    /// A bug or an unexpected state.
    Internal = 5, false, false;
    /// The disk is full.
    DiskFull = 7, false, false;
    /// A rate limit refused the call.
    RateLimited = 8, true, false;
    /// A quota refused the call.
    QuotaExceeded = 9, false, false;
    /// The call is not supported.
    Unsupported = 10, false, false;
    /// No such collection.
    CollectionNotFound = 100, false, true;
    /// The collection was released.
    CollectionNotLoaded = 101, false, true;
    /// Too many collections.
    TooManyCollections = 102, false, true;
    /// The collection is loaded and must be released first.
    CollectionLoaded = 104, false, true;
    /// The schema is not legal.
    IllegalSchema = 105, false, true;
    /// A vector field cannot be the clustering key.
    VectorClusteringKey = 107, false, true;
    /// The client's schema is older than the collection's.
    SchemaMismatch = 109, false, true;
    /// No such partition.
    PartitionNotFound = 200, false, true;
    /// The partition was released.
    PartitionNotLoaded = 201, false, true;
    /// No such segment.
    SegmentNotFound = 600, false, false;
    /// No such index.
    IndexNotFound = 700, false, true;
    /// Such an index type does not exist.
    IndexNotSupported = 701, false, true;
    /// No such database.
    DatabaseNotFound = 800, false, true;
    /// Too many databases.
    TooManyDatabases = 801, false, true;
    /// Not a legal database name.
    InvalidDatabaseName = 802, false, true;
    /// Reading or writing a file failed.
    Io = 1000, false, false;
    /// A file is damaged.
    Damaged = 1008, false, false;
    /// A parameter is wrong.
    InvalidParameter = 1100, false, true;
    /// A parameter is missing.
    MissingParameter = 1101, false, true;
    /// A parameter is too large.
    ParameterTooLarge = 1102, false, true;
    /// No such alias.
    AliasNotFound = 1600, false, true;
    /// An alias has the name of a collection or the other way round.
    AliasCollectionNameConflict = 1601, false, true;
    /// The alias exists.
    AliasExists = 1602, false, true;
    /// No such field.
    FieldNotFound = 1700, false, true;
    /// Not a legal field name.
    InvalidFieldName = 1701, false, true;
    /// A search could not run on a segment.
    Segcore = 2000, false, true;
    /// The call was cancelled.
    Cancelled = 10000, false, false;
    /// The call took too long.
    Timeout = 10001, false, false;
    /// Anything else.
    Unexpected = 65535, false, false;
}

/// An error as callers meet it.
#[derive(Clone, PartialEq, Eq)]
pub struct Error(Box<Inner>);

#[derive(Clone, PartialEq, Eq)]
struct Inner {
    kind: ErrorKind,
    message: String,
}

impl Error {
    /// An error of `kind`; `message` names the values involved and the remedy, in lower case.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Error(Box::new(Inner { kind, message: message.into() }))
    }

    /// A wrong parameter (Milvus code 1100).
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidParameter, message)
    }

    /// A wrong parameter with Milvus's `[expected=…][actual=…]` tail.
    pub fn expected(
        message: impl fmt::Display,
        expected: impl fmt::Display,
        actual: impl fmt::Display,
    ) -> Self {
        Self::invalid(format!("{message}: invalid parameter[expected={expected}][actual={actual}]"))
    }

    /// A bug or an unexpected state.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Internal, message)
    }

    /// A damaged file.
    pub fn damaged(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Damaged, message)
    }

    /// A failed file operation, with the path; a full disk gets its own kind.
    pub fn io(operation: impl fmt::Display, error: &std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
                let remedy = "drop collections or free space otherwise, then try again; no restart is needed";
                Self::new(ErrorKind::DiskFull, format!("the disk is full: {remedy} ({operation}: {error})"))
            }
            _ => Self::new(ErrorKind::Io, format!("{operation}: {error}")),
        }
    }

    /// `collection not found[database=D][collection=C]`.
    pub fn collection_not_found(database: &str, collection: &str) -> Self {
        let message = format!("collection not found[database={database}][collection={collection}]");
        Self::new(ErrorKind::CollectionNotFound, message)
    }

    /// The kind.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The message.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The same error with `context: ` before its message.
    pub fn context(mut self, context: impl fmt::Display) -> Self {
        self.0.message = format!("{context}: {}", self.0.message);
        self
    }

    /// The same error with `; advice` after its message.
    pub fn and(mut self, advice: impl fmt::Display) -> Self {
        self.0.message = format!("{}; {advice}", self.0.message);
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}({}): {}", self.0.kind, self.0.kind.code(), self.0.message)
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_has_its_own_kind_and_says_what_helps() {
        let full = Error::io("write wal/1.log", &std::io::ErrorKind::StorageFull.into());
        assert_eq!(full.kind(), ErrorKind::DiskFull);
        assert!(full.message().starts_with("the disk is full: drop collections or free space"), "{full}");
        assert!(full.message().contains("write wal/1.log"), "{full}");
        let other = Error::io("open a", &std::io::ErrorKind::NotFound.into());
        assert_eq!((other.kind(), other.message()), (ErrorKind::Io, "open a: entity not found"));
    }
}
