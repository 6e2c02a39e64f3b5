//! A borrowed vector column.

use elanus_kernels::Element;

/// A dense vector column: rows of raw little-endian elements, one after the other, of any alignment.
#[derive(Clone, Copy, Debug)]
pub struct VectorsView<'a> {
    /// What one component is.
    pub element: Element,
    /// Components per row.
    pub dim: usize,
    /// Number of rows.
    pub rows: usize,
    /// `rows × element.width(dim)` bytes.
    pub data: &'a [u8],
}

impl<'a> VectorsView<'a> {
    /// A view of all whole rows in `data`.
    pub fn new(element: Element, dim: usize, data: &'a [u8]) -> Self {
        let rows = data.len().checked_div(element.width(dim)).unwrap_or(0);
        Self { element, dim, rows, data }
    }

    /// Bytes of a row.
    pub fn width(&self) -> usize {
        self.element.width(self.dim)
    }

    /// The bytes of a row; empty when there is no such row.
    #[inline]
    pub fn row(&self, row: usize) -> &'a [u8] {
        let width = self.width();
        let bytes = row.checked_mul(width).and_then(|start| self.data.get(start..start.checked_add(width)?));
        bytes.filter(|_| row < self.rows).unwrap_or(&[])
    }
}
