//! Load generator for any server that speaks the Milvus protocol.
