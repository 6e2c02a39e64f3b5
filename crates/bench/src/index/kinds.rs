//! Index types with parameters, from text.

use elanus_ann::registry::{INDEX_TYPES, IndexType, find};
use elanus_ann::{Means, Resolved, VectorsView, choose, validate_build_params};
use elanus_kernels::{Element, Metric};
use elanus_types::catalog::Properties;
use elanus_types::{DataType, Error, Result};

/// An index type and how it is to be built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contender {
    /// The index type as the database names it.
    pub name: String,
    /// Its parameters.
    pub params: Properties,
}

impl Contender {
    /// Name and parameters, for people.
    pub fn label(&self) -> String {
        let params = self.params.iter().map(|(name, value)| format!(" {name}={value}"));
        self.name.clone() + &params.collect::<String>()
    }

    /// What the database would build. Unlike the database this refuses parameters that the type does not have: whoever
    /// misspells one would measure something else.
    pub(super) fn resolve(&self, base: &VectorsView<'_>, metric: Metric, threads: usize) -> Result<Resolved> {
        let Self { name, params } = self;
        validate_build_params(name, data_type(base.element), params)?;
        let known: Vec<_> =
            find(name).map_or(&[][..], |index| index.build).iter().map(|one| one.name).collect();
        match params.keys().find(|key| !known.contains(&key.as_str())) {
            Some(key) if known.is_empty() => {
                Err(Error::invalid(format!("{name} takes no parameters, not {key}")))
            }
            Some(key) => {
                Err(Error::invalid(format!("{name} has no parameter {key}, but {}", known.join(", "))))
            }
            None => choose(name, params, base, metric, Means { memory: None, threads }),
        }
    }
}

/// Every index type for these elements that is built under its own name and asks for no parameters.
pub fn all(element: Element) -> Vec<Contender> {
    let own = |index: &&IndexType| index.kind.is_some_and(|kind| kind.name() == index.name);
    let free = |index: &&IndexType| index.build.iter().all(|parameter| !parameter.required);
    let legal = |index: &&IndexType| index.types.contains(&data_type(element));
    let fit = INDEX_TYPES.iter().filter(own).filter(free).filter(legal);
    fit.map(|index| Contender { name: index.name.to_owned(), params: Properties::new() }).collect()
}

/// Reads `HNSW:M=16,efConstruction=200;IVF_SQ8:nlist=1024,FLAT`: what has no `=` before the next comma is another type.
pub fn parse(text: &str) -> Result<Vec<Contender>> {
    let mut all: Vec<Contender> = Vec::new();
    for word in text.split([',', ';']).map(str::trim).filter(|word| !word.is_empty()) {
        let (name, param) = match word.split_once(':') {
            Some((name, param)) => (Some(name), Some(param)),
            None if word.contains('=') => (None, Some(word)),
            None => (Some(word), None),
        };
        if let Some(name) = name {
            all.push(Contender { name: name.trim().to_owned(), params: Properties::new() });
        }
        let Some(param) = param else { continue };
        let (Some(last), Some((key, value))) = (all.last_mut(), param.split_once('=')) else {
            return Err(Error::invalid(format!("{word}: expected KIND:NAME=VALUE, for example HNSW:M=16")));
        };
        last.params.insert(key.trim().to_owned(), value.trim().to_owned());
    }
    match all.is_empty() {
        true => Err(Error::invalid(format!("`{text}` names no index type"))),
        false => Ok(all),
    }
}

fn data_type(element: Element) -> DataType {
    match element {
        Element::F32 => DataType::FloatVector,
        Element::F16 => DataType::Float16Vector,
        Element::BF16 => DataType::BFloat16Vector,
        Element::I8 => DataType::Int8Vector,
        Element::Bit => DataType::BinaryVector,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(text: &str) -> Vec<String> {
        parse(text).expect(text).iter().map(Contender::label).collect()
    }

    #[test]
    fn parameters_belong_to_the_type_before_them() {
        assert_eq!(labels("AUTOINDEX,HNSW"), ["AUTOINDEX", "HNSW"]);
        let two = labels(" HNSW:M=16, efConstruction=200;IVF_SQ8:nlist=1024,FLAT");
        assert_eq!(two, ["HNSW M=16 efConstruction=200", "IVF_SQ8 nlist=1024", "FLAT"]);
        assert!(["", "M=16", "HNSW:M", ";"].into_iter().all(|text| parse(text).is_err()));
    }

    #[test]
    fn misspelled_parameters_are_refused() {
        let data = vec![0; 9_000 * 32];
        let base = VectorsView::new(Element::F32, 8, &data);
        let resolve = |text| parse(text)?[0].resolve(&base, Metric::L2, 1);
        assert_eq!(resolve("HNSW:M=8").map(|resolved| resolved.hnsw.m), Ok(8));
        let message = |text| resolve(text).expect_err(text).message().to_owned();
        assert!(message("HNSW:m=8").contains("HNSW has no parameter m, but M"), "{}", message("HNSW:m=8"));
        assert!(message("HNSW:M=1").contains("should be in range"));
        assert!(message("FLAT:M=1").contains("takes no parameters"));
        assert!(message("HNWS").contains("invalid index type: HNWS"));
    }

    #[test]
    fn all_kinds_of_a_type_can_be_built() {
        for element in [Element::F32, Element::F16, Element::I8] {
            let data = vec![0; 9_000 * element.width(8)];
            let base = VectorsView::new(element, 8, &data);
            let all = all(element);
            assert!(all.len() >= 4, "{all:?}");
            for contender in all {
                let resolved = contender.resolve(&base, Metric::L2, 1).expect(&contender.name);
                assert_eq!(resolved.kind.name(), contender.name);
            }
        }
    }
}
