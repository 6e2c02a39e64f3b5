//! The filter expression language: parse, bind, evaluate.
//!
//! A filter travels through three shapes. [`parse`] turns text into an [`Expr`] and knows nothing of schemas.
//! [`bind`] checks an expression against a schema, puts template values in and folds constants, which gives a
//! [`Predicate`]. [`Predicate::evaluate`] runs it over the columns of one segment and answers the rows for which
//! it is true. Logic has three values: a null or a missing JSON path makes a comparison *unknown*, and only
//! *true* rows pass.
//!
//! Nothing here reads files or spawns threads; expression text is untrusted input and can fail only with an
//! error.

mod ast;
mod bind;
mod error;
mod eval;
pub mod index;
mod isolation;
mod json;
mod lexer;
mod literal;
mod parser;
mod pattern;
mod plan;
mod predicate;
mod prune;

pub use ast::Expr;
pub use eval::{ColumnSource, Zones};
pub use index::FieldIndex;
pub use predicate::Predicate;
pub use prune::Bounds;

use elanus_geotime::time::Zone;
use elanus_types::input::FilterText;
use elanus_types::{CollectionSchema, Error, FieldId, Result, Value};
use error::Purpose;
use std::collections::BTreeMap;

/// Parses one expression; the error is the one a query with this filter answers.
pub fn parse(text: &str) -> Result<Expr> {
    parser::parse(text).map_err(|cause| cause.into_error(Purpose::Query, text))
}

/// Checks an expression against a schema and makes it executable; `templates` are the values for `{name}`.
pub fn bind(
    expr: &Expr,
    schema: &CollectionSchema,
    templates: &BTreeMap<String, Value>,
) -> Result<Predicate> {
    bind::bind(expr, schema, templates, &Zone::UTC)
        .map_err(|cause| cause.into_error(Purpose::Query, expr.text()))
}

/// [`parse`] and [`bind`] in one; `None` for a blank filter, which lets every row through. Moments that state no
/// offset are local times of the zone that the filter names, or else of UTC.
pub fn compile(filter: &FilterText, schema: &CollectionSchema) -> Result<Option<Predicate>> {
    compile_in(filter, schema, &zone(filter)?)
}

/// [`compile`] where such moments are local times of `zone`.
pub fn compile_in(filter: &FilterText, schema: &CollectionSchema, zone: &Zone) -> Result<Option<Predicate>> {
    compile_for(Purpose::Query, filter, schema, zone)
}

/// [`compile`] for a delete: a blank or always true filter is refused, and errors name the delete plan.
pub fn compile_delete(filter: &FilterText, schema: &CollectionSchema) -> Result<Predicate> {
    compile_delete_in(filter, schema, &zone(filter)?)
}

fn zone(filter: &FilterText) -> Result<Zone> {
    let name = filter.timezone.as_deref().unwrap_or("UTC");
    Zone::find(name).map_err(|error| Error::invalid(format!("{error}: invalid parameter")))
}

/// [`compile_delete`] where moments that state no offset are local times of `zone`.
pub fn compile_delete_in(filter: &FilterText, schema: &CollectionSchema, zone: &Zone) -> Result<Predicate> {
    match compile_for(Purpose::Delete, filter, schema, zone)? {
        Some(predicate) if predicate.element_field().is_some() => {
            Err(error::elements_deleted(&filter.expression))
        }
        Some(predicate) if !predicate.is_always_true() => Ok(predicate),
        _ => Err(error::always_true(&filter.expression)),
    }
}

/// Refuses a search under partition key isolation unless its filter pins one value of the key.
pub fn check_isolation(predicate: Option<&Predicate>, key: FieldId) -> Result<()> {
    predicate.map_or_else(|| Err(isolation::not_found()), |predicate| isolation::check(&predicate.root, key))
}

fn compile_for(
    purpose: Purpose,
    filter: &FilterText,
    schema: &CollectionSchema,
    zone: &Zone,
) -> Result<Option<Predicate>> {
    if filter.is_blank() {
        return Ok(None);
    }
    let text = filter.expression.as_str();
    let predicate = parser::parse(text)
        .and_then(|expr| bind::bind(&expr, schema, &filter.templates, zone))
        .map_err(|cause| cause.into_error(purpose, text))?;
    predicate.check_answerable()?;
    Ok(Some(predicate))
}

#[cfg(test)]
mod tests;
