//! How vectors are coded, from what a user asked for.

use super::{Kind, Parameter, table};
use crate::Coding;
use elanus_types::catalog::Properties;
use elanus_types::{Error, Result};

/// The coding that the parameters of an index type ask for; `None` = as the kind does.
pub(super) fn coding(kind: Kind, params: &Properties, dim: usize) -> Result<Option<Coding>> {
    let number = |parameter: &Parameter, default: usize| {
        let text = params.get(parameter.name).map(|text| parameter.integer(text)).transpose()?;
        Ok::<usize, Error>(text.map_or(default, |value| value as usize))
    };
    let coding = match kind {
        Kind::HnswSq | Kind::IvfSq8 => params.get("sq_type").and_then(|text| scalar(text)),
        Kind::HnswPq => {
            let (pieces, bits) = (number(&table::PIECES, 32)?, number(&table::NBITS, 8)?);
            Some(Coding::Product { pieces, stages: 1, bits })
        }
        Kind::HnswPrq => {
            let (pieces, bits) = (number(&table::PIECES, 2)?, number(&table::NBITS, 8)?);
            Some(Coding::Product { pieces, stages: number(&table::STAGES, 2)?, bits })
        }
        Kind::IvfPq => {
            let (pieces, bits) = (number(&table::IVF_PIECES, dim.div_ceil(8))?, number(&table::NBITS, 8)?);
            Some(Coding::Product { pieces, stages: 1, bits })
        }
        Kind::IvfRabitq => Some(Coding::Grid { bits: number(&table::RABITQ_BITS, 1)?, mixed: true }),
        Kind::Scann => {
            let each = number(&table::SUB_DIM, 2)?.max(1);
            Some(Coding::Product { pieces: dim.div_ceil(each), stages: 1, bits: 4 })
        }
        Kind::Flat | Kind::Hnsw | Kind::IvfFlat | Kind::MinHashLsh => None,
    };
    Ok(coding.map(|coding| coding.fit(dim)))
}

/// Scalar quantizers by name, in any case.
fn scalar(name: &str) -> Option<Coding> {
    let grid = |bits| Some(Coding::Grid { bits, mixed: false });
    match name.to_ascii_lowercase().as_str() {
        "sq4" | "sq4u" => grid(4),
        "sq6" => grid(6),
        "sq8" => Some(Coding::Bytes),
        "fp16" => Some(Coding::Half { brain: false }),
        "bf16" => Some(Coding::Half { brain: true }),
        _ => None,
    }
}
