//! The `elanus` binary.
fn main() {}
