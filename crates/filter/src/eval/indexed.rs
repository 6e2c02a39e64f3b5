//! Conditions that an index may answer: the cheapest way is taken, and what an index leaves open is looked up.

use super::{Run, Truth, Wanted};
use crate::index::{Answer, Estimate, FieldIndex, Question};
use crate::plan::{Access, Operand, Test};
use elanus_kernels::Bitmap;
use elanus_types::DataType;
use std::sync::Arc;

impl Run<'_> {
    /// `test` of an operand, or `exists` without one; and how it was answered.
    pub(super) fn asked(
        &mut self,
        operand: &Operand,
        test: Option<&Test>,
        wanted: Wanted<'_>,
    ) -> (Truth, &'static str) {
        let question = Question { operand, test };
        if let Some((index, _)) = self.best_index(&question, wanted)
            && let Some(answer) = index.evaluate(&question)
        {
            return (self.completed(operand, test, answer, wanted), index.name());
        }
        (self.looked_up(operand, test, wanted), super::SCAN)
    }

    fn looked_up(&mut self, operand: &Operand, test: Option<&Test>, wanted: Wanted<'_>) -> Truth {
        match test {
            Some(test) => self.test(operand, test, wanted),
            None => self.exists(operand, wanted),
        }
    }

    /// The index that answers in the least time, where that is less than looking at the wanted rows takes.
    pub(super) fn best_index(
        &self,
        question: &Question<'_>,
        wanted: Wanted<'_>,
    ) -> Option<(Arc<dyn FieldIndex>, Estimate)> {
        let indexes = self.source.indexes(question.operand.field);
        if indexes.is_empty() {
            return None;
        }
        let (every, single) = row_cost(question);
        let rows = wanted.map_or(self.rows, Bitmap::count);
        let scan = (self.rows as f64 * every + rows as f64 * single) as u64;
        let cost = |estimate: &Estimate| {
            let open = if estimate.open > 0 { self.rows as f64 * every } else { 0.0 };
            estimate.nanos + (open + estimate.open.min(rows) as f64 * single) as u64
        };
        let priced = indexes.into_iter().filter_map(|index| {
            let estimate = index.estimate(question)?;
            Some((cost(&estimate), index, estimate))
        });
        let (nanos, index, estimate) = priced.min_by_key(|(nanos, ..)| *nanos)?;
        (nanos < scan).then_some((index, estimate))
    }

    /// The answer with rows that were left open looked up, and nulls as unknown.
    fn completed(
        &mut self,
        operand: &Operand,
        test: Option<&Test>,
        answer: Answer,
        wanted: Wanted<'_>,
    ) -> Truth {
        let mut truth = match answer.unknown {
            Some(unknown) => Truth { yes: answer.yes, unknown: Some(unknown) },
            None => match self.source.column(operand.field) {
                Some(view) => self.over(&view, answer.yes),
                None => Truth::unknown(self.rows),
            },
        };
        let Some(mut open) = answer.open else { return truth };
        if let Some(wanted) = wanted {
            open.and(wanted);
        }
        if open.count() == 0 {
            return truth;
        }
        let found = self.looked_up(operand, test, Some(&open));
        truth.replace(&open, &found);
        truth
    }
}

/// Nanoseconds that looking takes: for every row, and on top for every row that is wanted.
pub(super) fn row_cost(question: &Question<'_>) -> (f64, f64) {
    let dear = match question.test {
        Some(Test::Match(_)) => 25.0,
        Some(Test::In(members)) if members.distinct() > 4 => 4.0,
        Some(Test::Contains { .. }) => 10.0,
        Some(Test::Shifted(_)) => 60.0,
        Some(Test::Shape(_)) => 100.0,
        _ => 0.0,
    };
    match &question.operand.access {
        Access::Scalar(DataType::VarChar | DataType::Geometry) => (1.0, 4.0 + dear),
        Access::Scalar(_) | Access::Vector(_) | Access::ArrayLength => (0.4 + dear, 0.0),
        Access::Element(..) => (3.0, dear),
        Access::Array(_) => (1.0, 5.0 + dear),
        Access::Json(_) | Access::JsonLength(_) => (1.0, 150.0 + dear),
    }
}
