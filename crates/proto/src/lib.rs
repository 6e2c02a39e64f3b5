//! The wire messages of the Milvus protocol.
