//! Bytes that last: disk, file container, log, versioned manifests, memory maps.
