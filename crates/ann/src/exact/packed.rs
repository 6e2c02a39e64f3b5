//! Rows of a group, packed for the block kernels.

use elanus_kernels::block::Packer;

/// Working memory for one group of rows.
#[derive(Default)]
pub(super) struct Packed {
    pub packer: Option<Packer>,
    /// The rows, panel by panel.
    pub panels: Vec<u32>,
    /// What the floor of a row's key depends on besides the dot product.
    pub terms: Vec<f32>,
    pub scales: Vec<f32>,
    /// Dot products of one tile with one panel.
    pub dots: Vec<f32>,
}
