//! Indexes of places in JSON documents: which casts and functions fit which kind.

use crate::validate::{invalid, missing};
use elanus_filter::index::{Cast, IndexSpec};
use elanus_types::catalog::Properties;
use elanus_types::{FieldSchema, Result};

const TYPE: &str = "json_cast_type";
const FUNCTION: &str = "json_cast_function";

/// Checks the parameters of an index of a JSON field; AUTOINDEX takes what INVERTED takes.
pub fn check(field: &FieldSchema, index_type: &str, params: &Properties) -> Result<()> {
    let Some(name) = params.get(TYPE) else { return Err(missing("json index must specify cast type")) };
    let legal = casts(index_type);
    let cast = Cast::parse(name).filter(|cast| legal.contains(cast));
    let Some(cast) = cast else {
        let names: Vec<&str> = legal.iter().map(|cast| cast.name()).collect();
        let whose = if legal.len() < casts("INVERTED").len() {
            format!(" for {index_type} index")
        } else {
            String::new()
        };
        return Err(invalid(format!(
            "json_cast_type {name} is not supported{whose}, use one of {}",
            names.join(", ")
        )));
    };
    match params.get(FUNCTION).map(|function| function.trim()) {
        None | Some("") => {}
        Some(function) if function.eq_ignore_ascii_case("STRING_TO_DOUBLE") && cast == Cast::Double => {}
        Some(function) => {
            let cast = cast.name();
            return Err(invalid(format!(
                "json_cast_function {function} is not supported for json_cast_type {cast}"
            )));
        }
    }
    IndexSpec::from_params(field, index_type, params).map(|_| ())
}

fn casts(index_type: &str) -> &'static [Cast] {
    match index_type {
        "BITMAP" => &[Cast::Bool, Cast::VarChar],
        "STL_SORT" => &[Cast::Double, Cast::VarChar],
        "NGRAM" => &[Cast::VarChar],
        _ => &[
            Cast::Bool,
            Cast::Double,
            Cast::VarChar,
            Cast::ArrayBool,
            Cast::ArrayDouble,
            Cast::ArrayVarChar,
            Cast::Json,
        ],
    }
}
