//! Checks a tree against a schema and makes it executable.

mod arithmetic;
mod call;
mod compare;
mod fold;
mod full_text;
mod membership;
mod moment;
mod nearest;
mod operand;
mod presence;
mod range;
mod sample;
mod shape;
mod structure;
mod text;
mod value;

use crate::ast::{Expr, Kind, Node};
use crate::error::{Cause, Outcome, invalid};
use crate::plan::{self, Operand, Operator};
use crate::predicate::Predicate;
use elanus_geotime::time::{Interval, Zone};
use elanus_types::{CollectionSchema, DataType, StructSchema, Value};
use std::collections::BTreeMap;

/// Binds a whole expression.
pub(crate) fn bind(
    expr: &Expr,
    schema: &CollectionSchema,
    templates: &BTreeMap<String, Value>,
    zone: &Zone,
) -> Outcome<Predicate> {
    let binder = Binder { text: expr.text(), schema, templates, zone, scope: None };
    let plain = |root| Predicate { root, sample: None, elements: None };
    if let (Some(rest), Some(call)) = structure::element_filter(expr.root()) {
        let (mut all, _) = binder.operands(rest, true, false)?;
        let elements = binder.filtered(call)?;
        all.push(plan::Node::Elements(Box::new(elements.clone())));
        return Ok(Predicate { elements: Some(Box::new(elements)), ..plain(plan::and(all)) });
    }
    match binder.bound(expr.root())? {
        Bound::Condition(root) => Ok(plain(root)),
        Bound::Sample(root, factor) => Ok(Predicate { sample: Some(factor), ..plain(root) }),
        Bound::Constant(Constant { value: Value::Bool(value), .. }) => Ok(plain(plan::Node::Known(value))),
        other => Err(Cause::NotBoolean(other.type_name().to_owned())),
    }
}

/// What a part of an expression turned out to be.
#[derive(Clone, Debug)]
enum Bound {
    Constant(Constant),
    Operand(Operand),
    Computed(Computed),
    Condition(plan::Node),
    /// A moment as it stands in the text.
    Moment(i64),
    /// A length of time as it stands in the text.
    Interval(Interval),
    /// A moment of a row, this much later.
    Shifted(Operand, Interval),
    /// A random part of the rows that pass a condition.
    Sample(plan::Node, f64),
}

/// A value known before any row is read.
#[derive(Clone, Debug)]
struct Constant {
    value: Value,
    /// It came from `{name}`.
    template: bool,
}

/// `operand operator right`, waiting for the comparison it must stand in.
#[derive(Clone, Debug)]
struct Computed {
    operand: Operand,
    operator: Operator,
    right: Value,
    data_type: DataType,
}

impl Bound {
    fn type_name(&self) -> &'static str {
        match self {
            Bound::Constant(constant) => constant.value.kind(),
            Bound::Operand(operand) => operand.data_type().name(),
            Bound::Computed(computed) => computed.data_type.name(),
            Bound::Condition(_) | Bound::Sample(..) => DataType::Bool.name(),
            Bound::Moment(_) | Bound::Shifted(..) => DataType::Timestamptz.name(),
            Bound::Interval(_) => "Interval",
        }
    }
}

struct Binder<'a> {
    text: &'a str,
    schema: &'a CollectionSchema,
    templates: &'a BTreeMap<String, Value>,
    /// Of moments that state no offset.
    zone: &'a Zone,
    /// The struct array whose elements a predicate is about; `None` = rows.
    scope: Option<&'a StructSchema>,
}

impl Binder<'_> {
    fn bound(&self, node: &Node) -> Outcome<Bound> {
        Ok(match &node.kind {
            Kind::Bool(_)
            | Kind::Int(_)
            | Kind::Float(_)
            | Kind::Str(_)
            | Kind::List(_)
            | Kind::Template(_) => Bound::Constant(self.literal(node)?),
            Kind::Name(name) => Bound::Operand(self.named(node, name, &[])?),
            Kind::Path(name, steps) => Bound::Operand(self.named(node, name, steps)?),
            Kind::And(operands) => self.junction(operands, true)?,
            Kind::Or(operands) => self.junction(operands, false)?,
            Kind::Unary("!", operand) => self.negation(operand)?,
            Kind::Unary(sign, operand) => self.signed(node, sign, operand)?,
            Kind::Binary(sign, left, right) => self.binary(node, sign, left, right)?,
            Kind::Compare(comparison, left, right) => self.comparison(node, *comparison, left, right)?,
            Kind::Range(chain) => self.range(chain)?,
            Kind::Like(operand, pattern) => self.like(operand, pattern)?,
            Kind::Regex { negated, operand, pattern } => self.regex(*negated, operand, pattern)?,
            Kind::In { negated, operand, list } => self.membership(*negated, operand, list)?,
            Kind::IsNull { negated, operand } => self.null_test(*negated, operand)?,
            Kind::Exists(operand) => self.exists(operand)?,
            Kind::Call(call) => self.call(node, call)?,
            Kind::Part(part) => Bound::Operand(self.part(node, part)?),
            Kind::Iso(text) => self.moment(text)?,
            Kind::Interval(text) => self.interval(text)?,
        })
    }

    /// The text of a node, cut to a readable length.
    fn shown(&self, node: &Node) -> String {
        self.text.get(node.start..node.end).unwrap_or("").chars().take(200).collect()
    }

    fn junction(&self, operands: &[Node], all: bool) -> Outcome<Bound> {
        let (kept, sample) = self.operands(operands, all, true)?;
        let joined = if all { plan::and(kept) } else { plan::or(kept) };
        Ok(match sample {
            Some(factor) => Bound::Sample(joined, factor),
            None => Bound::Condition(joined),
        })
    }

    /// The conditions that `and` (`all`) or `or` connects, and the part to keep where the last of them asks for a random one;
    /// `whole` = nothing follows them.
    fn operands(&self, operands: &[Node], all: bool, whole: bool) -> Outcome<(Vec<plan::Node>, Option<f64>)> {
        let word = if all { "and" } else { "or" };
        let mut kept = Vec::with_capacity(operands.len());
        let mut sample = None;
        for (number, operand) in operands.iter().enumerate() {
            match self.bound(operand)? {
                Bound::Sample(condition, factor) => {
                    sample::check_place(all, whole && number + 1 == operands.len())?;
                    kept.push(condition);
                    sample = Some(factor);
                }
                other => match condition(other) {
                    Some(condition) => kept.push(condition),
                    None => return invalid(format!("'{word}' can only be used between boolean expressions")),
                },
            }
        }
        Ok((kept, sample))
    }

    fn negation(&self, operand: &Node) -> Outcome<Bound> {
        match self.bound(operand)? {
            Bound::Sample(..) => sample::in_unary(),
            other => match condition(other) {
                Some(condition) => Ok(Bound::Condition(plan::not(condition))),
                None => invalid("not op can only be applied on boolean expression"),
            },
        }
    }
}

/// Something bound as a condition; `None` when it is none. A bare boolean field is none.
fn condition(bound: Bound) -> Option<plan::Node> {
    match bound {
        Bound::Condition(condition) => Some(condition),
        Bound::Constant(Constant { value: Value::Bool(value), template: false }) => {
            Some(plan::Node::Known(value))
        }
        _ => None,
    }
}

impl From<Value> for Bound {
    fn from(value: Value) -> Self {
        Bound::Constant(Constant { value, template: false })
    }
}
