//! Graphs whose searches compare other codes than the graph was built on.

use super::build::Job;
use super::format::Compared;
use super::judge::codes_suffice;
use super::scratch::Scratch;
use super::tune::AsQueries;
use crate::quant::{Coded, CodedProbe, Filled, Frame, Model, Quantizer, fill, train, with_quantizer};
use crate::space::Space;
use crate::{BuildRequest, Coding, VectorsView};
use elanus_kernels::{Metric, convert};
use elanus_types::{Error, Result};

/// Rows at most that a quantizer learns from.
const SAMPLE: usize = 16_384;

/// Everything of such codes that goes into the file.
pub(super) struct Recoded {
    pub coding: Coding,
    pub model: Model,
    pub filled: Filled,
    pub mean: Vec<f32>,
}

/// Rows nearest by codes of few bits among which the ten truly nearest must be.
const AMONG_FEW: usize = 16;
/// The fewest bits that a graph is searched by when nobody says how.
const FEW_BITS: Coding = Coding::Grid { bits: 4, mixed: true };

impl Job<'_> {
    /// Codes all rows as searches will compare them; `None` when those are the codes that the graph was built on.
    pub(super) fn recode(&self, built: Compared, scratches: &mut [Scratch]) -> Result<Option<Recoded>> {
        match self.coding {
            Some(Coding::Bytes) => Ok(None),
            Some(coding) => self.code_by(coding).map(Some),
            // Bytes as they are stored take no room in the index.
            None if built == Compared::Bytes => Ok(None),
            None => {
                let recoded = self.code_by(FEW_BITS)?;
                Ok(self.told_apart(&recoded, scratches).then_some(recoded))
            }
        }
    }

    fn told_apart(&self, recoded: &Recoded, scratches: &mut [Scratch]) -> bool {
        let Recoded { model, filled, mean, .. } = recoded;
        let BuildRequest { vectors, metric, .. } = *self.request;
        with_quantizer!(model, quantizer => {
            let space = Coded { quantizer, codes: &filled.codes, numbers: &filled.numbers };
            let queries = CodedRows { space, vectors, metric, mean };
            codes_suffice(&queries, AMONG_FEW, &self.distance, &vectors, scratches, self.cancel)
        })
    }

    /// Trains the quantizer and codes all rows with it.
    fn code_by(&self, coding: Coding) -> Result<Recoded> {
        let BuildRequest { vectors, metric, threads, .. } = *self.request;
        let mean = mean(&vectors, metric);
        let step = vectors.rows.div_ceil(SAMPLE).max(1);
        let mut sample = Vec::new();
        for row in (0..vectors.rows).step_by(step) {
            let begin = sample.len();
            convert::decode(vectors.element, vectors.row(row), &mut sample);
            Frame::shift(metric, &mean, sample.get_mut(begin..).unwrap_or(&mut []));
        }
        let model = train(coding, vectors.dim, &sample, threads, self.cancel);
        self.cancel.check()?;
        let model =
            model.ok_or_else(|| Error::internal(format!("there is nothing to learn for {coding}")))?;
        let filled = with_quantizer!(&model, quantizer => {
            fill(&vectors, quantizer, threads, self.cancel, |_, vector| Frame::shift(metric, &mean, vector))
        });
        self.cancel.check()?;
        Ok(Recoded { coding, model, filled, mean })
    }
}

/// The mean of a part of the rows, as they are coded.
fn mean(vectors: &VectorsView<'_>, metric: Metric) -> Vec<f32> {
    let step = vectors.rows.div_ceil(SAMPLE).max(1);
    let mut sums = vec![0.0f64; vectors.dim];
    let (mut floats, mut count) = (Vec::new(), 0usize);
    for row in (0..vectors.rows).step_by(step) {
        floats.clear();
        convert::decode(vectors.element, vectors.row(row), &mut floats);
        Frame::shift(metric, &[], &mut floats);
        sums.iter_mut().zip(&floats).for_each(|(sum, v)| *sum += f64::from(*v));
        count += 1;
    }
    let mean = |sum: f64| (sum / count.max(1) as f64) as f32;
    sums.into_iter().map(mean).map(|mean| if mean.is_finite() { mean } else { 0.0 }).collect()
}

/// Rows as queries of coded rows.
pub(super) struct CodedRows<'a, Q> {
    pub space: Coded<'a, Q>,
    pub vectors: VectorsView<'a>,
    pub metric: Metric,
    pub mean: &'a [f32],
}

impl<'a, Q: Quantizer> AsQueries for CodedRows<'a, Q> {
    type Space = Coded<'a, Q>;
    type Query = (Q::Query, Frame);

    fn space(&self) -> &Coded<'a, Q> {
        &self.space
    }

    fn prepare(&self, row: u32, (query, frame): &mut Self::Query) {
        let mut floats = Vec::new();
        convert::decode(self.vectors.element, self.vectors.row(row as usize), &mut floats);
        *frame = Frame::around(self.metric, self.mean.iter().copied(), &mut floats);
        self.space.quantizer.prepare(&mut floats, query);
    }

    fn probe<'q>(&'q self, _: u32, (query, frame): &'q Self::Query) -> <Coded<'a, Q> as Space>::Probe<'q> {
        CodedProbe { query, frame: *frame }
    }
}
