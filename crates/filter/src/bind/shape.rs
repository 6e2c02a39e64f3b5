//! Questions about shapes: `st_within(field, "POLYGON …")` and the like.

use super::{Binder, Bound, Constant};
use crate::ast::{Call, Node};
use crate::error::{Outcome, invalid};
use crate::plan::{self, Access, Operand, ShapeTest, Test};
use elanus_geotime::geometry::{Near, Probe, Relation};
use elanus_types::{DataType, Value};
use std::sync::Arc;

impl Binder<'_> {
    pub(super) fn relation(&self, call: &Call, relation: Relation) -> Outcome<Bound> {
        let [field, shape] = self.arguments(call)?;
        let operand = self.shapes(call, field)?;
        match Probe::new(relation, &self.wkt(call, shape)?) {
            Ok(probe) => Ok(condition(operand, ShapeTest::Related(probe))),
            Err(error) => invalid(error.to_string()),
        }
    }

    /// `st_dwithin(field, "POINT …", metres)`.
    pub(super) fn near(&self, call: &Call) -> Outcome<Bound> {
        let [field, centre, metres] = self.arguments(call)?;
        let operand = self.shapes(call, field)?;
        let text = self.wkt(call, centre)?;
        let metres = match self.bound(metres)? {
            Bound::Constant(Constant { value: Value::Int(metres), .. }) => metres as f64,
            Bound::Constant(Constant { value: Value::Float(metres), .. }) => metres,
            _ => return invalid(format!("distance parameter must be a number, got: {}", self.shown(metres))),
        };
        if metres.is_nan() || metres < 0.0 {
            return invalid(format!("distance parameter must be non-negative, got: {metres}"));
        }
        match Near::new(&text, metres) {
            Ok(Some(near)) => Ok(condition(operand, ShapeTest::Near(near))),
            Ok(None) => invalid(format!("{} only supports POINT geometry: {text}", call.name)),
            Err(error) => invalid(error.to_string()),
        }
    }

    pub(super) fn is_valid_shape(&self, call: &Call) -> Outcome<Bound> {
        let [field] = self.arguments(call)?;
        Ok(condition(self.shapes(call, field)?, ShapeTest::Valid))
    }

    fn shapes(&self, call: &Call, node: &Node) -> Outcome<Operand> {
        match self.bound(node)? {
            Bound::Operand(operand) if matches!(operand.access, Access::Scalar(DataType::Geometry)) => {
                Ok(operand)
            }
            other => invalid(format!(
                "{} operation are only supported on geometry fields now, got: {}",
                call.name,
                other.type_name()
            )),
        }
    }

    fn wkt(&self, call: &Call, node: &Node) -> Outcome<String> {
        match self.bound(node)? {
            Bound::Constant(Constant { value: Value::Str(text), .. }) => Ok(text),
            _ => invalid(format!("{} needs a shape as WKT, but got: {}", call.name, self.shown(node))),
        }
    }
}

fn condition(operand: Operand, test: ShapeTest) -> Bound {
    Bound::Condition(plan::Node::Test(operand, Test::Shape(Arc::new(test))))
}
