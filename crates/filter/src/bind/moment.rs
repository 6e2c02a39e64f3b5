//! Moments: `field ± interval 'P…' <= iso '…'`.

use super::value::text;
use super::{Binder, Bound};
use crate::ast::{Comparison, Literal, Node};
use crate::error::{Outcome, invalid};
use crate::plan::{self, Access, Operand, Shifted, Test};
use elanus_geotime::time::{self, Interval};
use elanus_types::{DataType, Value};

impl Binder<'_> {
    /// `iso '…'`; without an offset a local time of the request's zone.
    pub(super) fn moment(&self, literal: &Literal) -> Outcome<Bound> {
        let text = text(literal)?;
        match time::parse(&text, self.zone) {
            Ok(moment) => Ok(Bound::Moment(moment)),
            Err(error) => invalid(format!("can not convert compare string: {text}: {error}")),
        }
    }

    /// `interval '…'`.
    pub(super) fn interval(&self, literal: &Literal) -> Outcome<Bound> {
        let text = text(literal)?;
        match Interval::parse(&text) {
            Ok(interval) => Ok(Bound::Interval(interval)),
            Err(error) => invalid(format!("can not convert interval string: {text}: {error}")),
        }
    }

    /// `field + interval` and `field - interval`, the only sums of time.
    pub(super) fn shifted(
        &self,
        sign: &str,
        node: &Node,
        operand: Operand,
        interval: Interval,
    ) -> Outcome<Bound> {
        self.only_moments(node, &operand)?;
        match sign {
            "+" => Ok(Bound::Shifted(operand, interval)),
            "-" => Ok(Bound::Shifted(operand, interval.negated())),
            _ => invalid(format!(
                "an interval can only be added or subtracted, not '{sign}': {}",
                self.shown(node)
            )),
        }
    }

    /// A moment of a row, perhaps shifted, beside a given one.
    pub(super) fn with_moment(
        &self,
        node: &Node,
        operand: Operand,
        interval: Option<Interval>,
        comparison: Comparison,
        moment: i64,
    ) -> Outcome<Bound> {
        self.only_moments(node, &operand)?;
        let plain = |moment| Test::Compare(comparison, Value::Int(moment));
        let test = match interval {
            None => plain(moment),
            Some(interval) => match interval.fixed().and_then(|length| moment.checked_sub(length)) {
                Some(moment) => plain(moment),
                None => Test::Shifted(Shifted { interval, comparison, moment }),
            },
        };
        Ok(Bound::Condition(plan::Node::Test(operand, test)))
    }

    fn only_moments(&self, node: &Node, operand: &Operand) -> Outcome<()> {
        if matches!(operand.access, Access::Scalar(DataType::Timestamptz)) {
            return Ok(());
        }
        let field = self.schema.field_by_id(operand.field).filter(|field| !field.dynamic);
        let name = field.map_or_else(|| self.shown(node), |field| field.name.clone());
        invalid(format!("field '{name}' is not a timestamptz datatype"))
    }
}
