//! The element types of dense vectors.

/// What one component of a dense vector is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Element {
    /// IEEE single precision, little endian.
    F32,
    /// IEEE half precision, little endian.
    F16,
    /// The upper half of a single, little endian.
    BF16,
    /// Signed byte.
    I8,
    /// One bit; only the number of set bits matters, not their order within a byte.
    Bit,
}

impl Element {
    /// Every element type.
    pub const ALL: [Element; 5] = [Element::F32, Element::F16, Element::BF16, Element::I8, Element::Bit];

    /// Bytes of a row of `dim` elements.
    pub const fn width(self, dim: usize) -> usize {
        match self {
            Element::F32 => dim * 4,
            Element::F16 | Element::BF16 => dim * 2,
            Element::I8 => dim,
            Element::Bit => dim.div_ceil(8),
        }
    }

    /// Short lower-case name, for reports and messages.
    pub const fn name(self) -> &'static str {
        match self {
            Element::F32 => "f32",
            Element::F16 => "f16",
            Element::BF16 => "bf16",
            Element::I8 => "i8",
            Element::Bit => "bit",
        }
    }
}
