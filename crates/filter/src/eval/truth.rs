//! Three-valued answers for many rows at once.

use elanus_kernels::Bitmap;

/// For every row one of true, unknown, false; no row is in both sets.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Truth {
    /// True rows.
    pub(crate) yes: Bitmap,
    /// Unknown rows; `None` = none.
    pub(crate) unknown: Option<Bitmap>,
}

impl Truth {
    /// The same known answer for all rows.
    pub(crate) fn known(value: bool, rows: usize) -> Self {
        Self { yes: if value { Bitmap::ones(rows) } else { Bitmap::zeros(rows) }, unknown: None }
    }

    /// Unknown for all rows.
    pub(crate) fn unknown(rows: usize) -> Self {
        Self { yes: Bitmap::zeros(rows), unknown: Some(Bitmap::ones(rows)) }
    }

    /// `yes` where `valid`, unknown elsewhere; rows at and above `length` are unknown too.
    pub(crate) fn with_nulls(mut yes: Bitmap, valid: Option<&Bitmap>, length: usize, rows: usize) -> Self {
        if valid.is_none() && length >= rows {
            return Self { yes, unknown: None };
        }
        let mut known = Bitmap::ones(length.min(rows));
        known.resize(rows);
        if let Some(valid) = valid {
            known.and(valid);
        }
        yes.and(&known);
        known.invert();
        Self { yes, unknown: Some(known) }
    }

    /// False dominates.
    pub(crate) fn and(self, other: Truth) -> Truth {
        let mut possible = self.possible();
        possible.and(&other.possible());
        let mut yes = self.yes;
        yes.and(&other.yes);
        Self::from_possible(yes, possible, self.unknown.is_some() || other.unknown.is_some())
    }

    /// True dominates.
    pub(crate) fn or(self, other: Truth) -> Truth {
        let any = self.unknown.is_some() || other.unknown.is_some();
        let mut possible = self.possible();
        possible.or(&other.possible());
        let mut yes = self.yes;
        yes.or(&other.yes);
        Self::from_possible(yes, possible, any)
    }

    /// Unknown stays unknown.
    pub(crate) fn not(mut self) -> Truth {
        if let Some(unknown) = &self.unknown {
            self.yes.or(unknown);
        }
        self.yes.invert();
        self
    }

    /// Takes the answers of `other` for some rows.
    pub(super) fn replace(&mut self, rows: &Bitmap, other: &Truth) {
        let put = |mine: &mut Bitmap, theirs: Option<&Bitmap>| {
            mine.and_not(rows);
            if let Some(theirs) = theirs {
                let mut theirs = theirs.clone();
                theirs.and(rows);
                mine.or(&theirs);
            }
        };
        put(&mut self.yes, Some(&other.yes));
        if self.unknown.is_none() && other.unknown.is_some() {
            self.unknown = Some(Bitmap::zeros(self.yes.len()));
        }
        if let Some(unknown) = &mut self.unknown {
            put(unknown, other.unknown.as_ref());
        }
    }

    /// Rows that are not false.
    pub(super) fn possible(&self) -> Bitmap {
        let mut possible = self.yes.clone();
        if let Some(unknown) = &self.unknown {
            possible.or(unknown);
        }
        possible
    }

    fn from_possible(yes: Bitmap, mut possible: Bitmap, has_unknown: bool) -> Truth {
        possible.and_not(&yes);
        Truth { yes, unknown: has_unknown.then_some(possible) }
    }
}
