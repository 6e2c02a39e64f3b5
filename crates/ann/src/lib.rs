//! Vector indexes behind one registry.
