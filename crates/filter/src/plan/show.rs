//! Conditions as text.

use super::{Access, Limit, Node, Operand, Test};
use crate::ast::Step;
use elanus_types::{FieldId, Value};

/// Longest text of a constant.
const LONGEST: usize = 80;

/// A condition in the language it came from, constants folded and long lists cut.
pub(crate) fn show(node: &Node, name: &dyn Fn(FieldId) -> String) -> String {
    let joined = |operands: &[Node], word: &str| {
        let shown: Vec<String> = operands.iter().map(|operand| show(operand, name)).collect();
        format!("({})", shown.join(word))
    };
    match node {
        Node::Known(value) => value.to_string(),
        Node::And(operands) => joined(operands, " and "),
        Node::Or(operands) => joined(operands, " or "),
        Node::Not(operand) => format!("not ({})", show(operand, name)),
        Node::Test(operand, test) => tested(&shown(operand, name), test),
        Node::Fields(left, comparison, right) => {
            format!("{} {} {}", shown(left, name), comparison.sign(), shown(right, name))
        }
        Node::StartsWith(text, prefix) => {
            format!("starts_with({}, {})", shown(text, name), shown(prefix, name))
        }
        Node::Text(query) => format!("{} over {}", query.function(), shown(&query.operand, name)),
        Node::Elements(elements) => {
            format!(
                "{:?} element of {}: {}",
                elements.count,
                shown(&elements.lists, name),
                show(&elements.condition, name)
            )
        }
        Node::IsNull(operand) => format!("{} is null", shown(operand, name)),
        Node::Exists(operand) => format!("exists {}", shown(operand, name)),
    }
}

fn shown(operand: &Operand, name: &dyn Fn(FieldId) -> String) -> String {
    let field = name(operand.field);
    let path = |steps: &[Step]| {
        let step = |step: &Step| match step {
            Step::Key(key) => format!("[{key:?}]"),
            Step::Index(index) => format!("[{index}]"),
        };
        steps.iter().map(step).collect::<String>()
    };
    match &operand.access {
        Access::Element(_, index) => format!("{field}[{index}]"),
        Access::Json(steps) => format!("{field}{}", path(steps)),
        Access::ArrayLength => format!("array_length({field})"),
        Access::JsonLength(steps) => format!("array_length({field}{})", path(steps)),
        Access::Scalar(_) | Access::Array(_) | Access::Vector(_) => field,
    }
}

fn tested(operand: &str, test: &Test) -> String {
    match test {
        Test::Compare(comparison, value) => format!("{operand} {} {}", comparison.sign(), cut(value)),
        Test::Between(low, high) => {
            let sign = |limit: &Limit| if limit.inclusive { "<=" } else { "<" };
            format!("{} {} {operand} {} {}", cut(&low.value), sign(low), sign(high), cut(&high.value))
        }
        Test::In(members) => format!("{operand} in {}", list(members.values())),
        Test::Arithmetic(computed) => format!(
            "{operand} {} {} {} {}",
            computed.operator.sign(),
            cut(&computed.right),
            computed.comparison.sign(),
            cut(&computed.result)
        ),
        Test::Match(_) => format!("{operand} like or =~ a pattern"),
        Test::Shifted(shifted) => {
            format!("{operand} + an interval {} {} µs", shifted.comparison.sign(), shifted.moment)
        }
        Test::Shape(_) => format!("{operand} in a relation to a shape"),
        Test::Contains { all, members } => {
            let which = if *all { "all" } else { "any" };
            format!("array_contains_{which}({operand}, {})", list(members.values()))
        }
    }
}

fn cut(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or("")),
        None => text,
    }
}

fn list(values: &[Value]) -> String {
    const SHOWN: usize = 5;
    let shown: Vec<String> = values.iter().take(SHOWN).map(cut).collect();
    match values.len() {
        count if count > SHOWN => format!("[{}, … {count} in all]", shown.join(", ")),
        _ => format!("[{}]", shown.join(", ")),
    }
}
