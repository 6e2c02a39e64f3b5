//! Every kind that the registry has, built with what its parameters need.
#![allow(dead_code)]

use crate::common::Column;
use elanus_ann::registry::{INDEX_TYPES, IndexType};
use elanus_ann::{Body, BuildRequest, Index, Kind, SearchParams, build, open, resolve};
use elanus_kernels::Element;
use elanus_runtime::{Cancel, Progress};
use elanus_types::DataType;
use elanus_types::catalog::Properties;
use std::sync::Arc;

/// Look as hard as it takes.
pub const HARD: SearchParams = SearchParams {
    ef: Some(400),
    nprobe: Some(1_000),
    refine_k: Some(20.0),
    mh_jaccard: false,
    recall_target: None,
    bound: None,
};

fn data_type(element: Element) -> DataType {
    match element {
        Element::F32 => DataType::FloatVector,
        Element::F16 => DataType::Float16Vector,
        Element::BF16 => DataType::BFloat16Vector,
        Element::I8 => DataType::Int8Vector,
        Element::Bit => DataType::BinaryVector,
    }
}

/// The kinds for vectors of this element, each with the index type that stands for it. Bands of MinHash slots answer another
/// question and have tests of their own.
pub fn kinds(element: Element) -> impl Iterator<Item = (Kind, &'static IndexType)> {
    Kind::ALL.into_iter().filter(|kind| *kind != Kind::MinHashLsh).filter_map(move |kind| {
        let serves =
            |index: &&IndexType| index.kind == Some(kind) && index.types.contains(&data_type(element));
        let types = INDEX_TYPES.iter().filter(serves);
        Some((kind, types.min_by_key(|index| index.name != kind.name())?))
    })
}

/// An index of this kind, however few rows there are; required parameters are 8.
pub fn index(column: &Column, kind: Kind, index: &IndexType) -> Box<dyn Index> {
    let required = index.build.iter().filter(|parameter| parameter.required);
    let params: Properties = required.map(|parameter| (parameter.name.to_owned(), "8".to_owned())).collect();
    let vectors = column.view();
    let (dim, element, metric) = (column.dim, column.element, column.metric);
    let mut resolved = resolve(index.name, &params, vectors.rows, dim, element, metric).expect("legal");
    resolved.kind = kind;
    let request = BuildRequest::new(&resolved, metric, vectors, 2);
    let body: Body = Arc::new(build(&request, &Progress::new(), &Cancel::new()).expect("builds"));
    open(kind, metric, &vectors, body).expect("opens")
}
