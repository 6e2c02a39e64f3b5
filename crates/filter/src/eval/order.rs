//! The order in which the parts of an `and` or `or` are asked: those that settle many rows for little come first.

use super::Run;
use super::indexed::row_cost;
use crate::ast::Comparison;
use crate::index::Question;
use crate::plan::{Node, Operand, Test};

/// Longer lists of conditions stay as they are: asking about their prices would cost more than it saves.
const MOST: usize = 64;

/// Conditions inside of others are priced so many levels down, and the first so many of each: orders need no exact prices,
/// and every level of a deep filter asks for them again.
const LEVELS: u32 = 3;
const LOOKED_AT: usize = 8;

/// What asking a condition of all rows costs, and the part of them it will be true for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Price {
    pub(super) nanos: f64,
    pub(super) share: f64,
}

impl Run<'_> {
    /// The operands of an `and` (`all`) or `or` in the order in which they cost least altogether: by cost per row settled
    /// (Hanani, «An optimal evaluation of Boolean expressions in an online query system», 1977).
    pub(super) fn ordered<'n>(&self, operands: &'n [Node], all: bool) -> Vec<&'n Node> {
        let mut nodes: Vec<&Node> = operands.iter().collect();
        if nodes.len() > MOST {
            return nodes;
        }
        nodes.sort_by_cached_key(|node| {
            let price = self.price(node);
            let settled = if all { 1.0 - price.share } else { price.share };
            // Nanoseconds per part of the rows, as an integer that sorts.
            (price.nanos / settled.max(0.001)) as u64
        });
        nodes
    }

    pub(super) fn price(&self, node: &Node) -> Price {
        self.priced(node, LEVELS)
    }

    fn priced(&self, node: &Node, levels: u32) -> Price {
        let rows = self.rows as f64;
        match node {
            Node::Known(value) => Price { nanos: 0.0, share: f64::from(u8::from(*value)) },
            Node::IsNull(_) => Price { nanos: rows / 64.0, share: 0.1 },
            Node::Not(operand) => {
                let price = self.priced(operand, levels);
                Price { share: 1.0 - price.share, ..price }
            }
            Node::And(operands) | Node::Or(operands) if levels == 0 => {
                Price { nanos: rows * operands.len() as f64, share: 0.3 }
            }
            Node::And(operands) | Node::Or(operands) => {
                let all = matches!(node, Node::And(_));
                let looked_at = operands.iter().take(LOOKED_AT);
                let prices = looked_at.map(|operand| self.priced(operand, levels - 1));
                let start = Price { nanos: 0.0, share: if all { 1.0 } else { 0.0 } };
                let sum = prices.fold(start, |sum, price| Price {
                    nanos: sum.nanos + price.nanos,
                    share: match all {
                        true => sum.share * price.share,
                        false => 1.0 - (1.0 - sum.share) * (1.0 - price.share),
                    },
                });
                let more = operands.len() as f64 / operands.len().clamp(1, LOOKED_AT) as f64;
                Price { nanos: sum.nanos * more, ..sum }
            }
            Node::Test(operand, test) => self.test_price(operand, Some(test)),
            Node::Exists(operand) => self.test_price(operand, None),
            Node::StartsWith(..) => Price { nanos: rows * 8.0, share: 0.1 },
            Node::Text(_) => Price { nanos: rows, share: 0.1 },
            Node::Elements(elements) => {
                let price = self.priced(&elements.condition, levels);
                Price { nanos: 4.0 * price.nanos + rows, share: 0.3 }
            }
            Node::Fields(..) => Price { nanos: rows * 2.0, share: 0.3 },
        }
    }

    fn test_price(&self, operand: &Operand, test: Option<&Test>) -> Price {
        let question = Question { operand, test };
        let rows = self.rows.max(1) as f64;
        let (every, single) = row_cost(&question);
        let scan = rows * (every + single);
        let guess = || match test {
            None => 0.8,
            Some(test) => {
                let zones = self.source.zones(operand.field);
                zones.and_then(|zones| zones.share(test)).unwrap_or_else(|| usual(test))
            }
        };
        match self.best_index(&question, None) {
            Some((_, estimate)) => Price {
                nanos: estimate.nanos as f64 + estimate.open as f64 * single,
                share: if estimate.guessed { guess() } else { estimate.rows as f64 / rows },
            },
            None => Price { nanos: scan, share: guess() },
        }
    }
}

/// The part of rows that pass a test of which nothing is known.
fn usual(test: &Test) -> f64 {
    match test {
        Test::Compare(Comparison::Eq, _) => 0.05,
        Test::Compare(Comparison::Ne, _) => 0.95,
        Test::Compare(..) => 0.3,
        Test::Between(..) => 0.2,
        Test::In(members) => (0.05 * members.distinct() as f64).min(0.5),
        Test::Arithmetic(arithmetic) => match arithmetic.comparison {
            Comparison::Eq => 0.1,
            Comparison::Ne => 0.9,
            _ => 0.3,
        },
        Test::Match(_) | Test::Contains { .. } | Test::Shape(_) => 0.1,
        Test::Shifted(_) => 0.3,
    }
}
