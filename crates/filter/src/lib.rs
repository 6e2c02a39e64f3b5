//! The filter expression language: parse, bind, evaluate.
