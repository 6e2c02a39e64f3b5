//! One growing or sealed segment: columns, deletes, indexes.
