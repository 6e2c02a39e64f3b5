//! How signatures are divided, from an index's parameters.

use super::{find, table};
use elanus_kernels::{Metric, Slots};
use elanus_types::catalog::Properties;
use elanus_types::{Error, Result};

/// Slots of a band where nobody says how many bands: rows that are equal in half of 128 slots then share one of 32
/// bands with a probability of 87 %, those equal in a tenth with 0.3 %.
const SLOTS_PER_BAND: usize = 4;
/// Width of a slot where nobody says it and the dimension allows it: that of common MinHash functions.
const USUAL_BITS: usize = 32;

/// The metric of an index by its name, with the slots and bands that its parameters give for MHJACCARD.
///
/// AUTOINDEX, which has no parameters, takes slots of 32 bits where they fill the dimension and bytes otherwise, and
/// bands of four slots.
pub fn index_metric(index_type: &str, name: &str, params: &Properties, dim: usize) -> Result<Metric> {
    let metric = Metric::parse(name).ok_or_else(|| Error::invalid(format!("there is no metric {name}")))?;
    if metric.slots().is_none() {
        return Ok(metric);
    }
    let automatic = find(index_type).is_none_or(|index| index.kind.is_none());
    let number = |parameter: &super::Parameter| -> Result<Option<usize>> {
        let value = params.get(parameter.name).map(|text| parameter.integer(text)).transpose()?;
        Ok(value.map(|value| value as usize))
    };
    let usual = if automatic && dim.is_multiple_of(USUAL_BITS) { USUAL_BITS } else { Slots::BYTES.bits() };
    let slots = slots_of(number(&table::MH_ELEMENT_BITS)?.unwrap_or(usual), dim)?;
    let count = slots.count(dim).unwrap_or(1);
    let bands = if automatic { count.div_ceil(SLOTS_PER_BAND) } else { 1 };
    Ok(Metric::MhJaccard(slots.by_band(number(&table::MH_BANDS)?.unwrap_or(bands).min(count))))
}

/// Slots of so many bits, which must fill the dimension.
pub fn slots_of(bits: usize, dim: usize) -> Result<Slots> {
    Slots::new(bits).filter(|slots| slots.count(dim).is_some()).ok_or_else(|| {
        Error::invalid(format!(
            "mh_element_bit_width ({bits}) should be a multiple of 8 that divides the dimension ({dim})"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metric(
        index: &str,
        pairs: &[(&str, &str)],
        dim: usize,
    ) -> std::result::Result<(usize, usize), String> {
        let params = pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let metric =
            index_metric(index, "MHJACCARD", &params, dim).map_err(|error| error.message().to_owned())?;
        Ok(metric.slots().map_or((0, 0), |slots| (slots.bits(), slots.bands())))
    }

    #[test]
    fn slots_and_bands_come_from_the_parameters() {
        assert_eq!(metric("MINHASH_LSH", &[], 64), Ok((8, 1)));
        let both = [("mh_element_bit_width", "16"), ("mh_lsh_band", "3")];
        assert_eq!(metric("MINHASH_LSH", &both, 64), Ok((16, 3)));
        assert_eq!(metric("MINHASH_LSH", &[("mh_lsh_band", "1000")], 64), Ok((8, 8)));
        assert_eq!(metric("AUTOINDEX", &[], 4096), Ok((32, 32)));
        assert_eq!(metric("AUTOINDEX", &[], 40), Ok((8, 2)));
        let error =
            metric("MINHASH_LSH", &[("mh_element_bit_width", "24")], 64).expect_err("does not divide");
        assert_eq!(
            error,
            "mh_element_bit_width (24) should be a multiple of 8 that divides the dimension (64)"
        );
        assert_eq!(index_metric("HNSW", "L2", &Properties::new(), 4), Ok(Metric::L2));
    }
}
