//! Field types, numbered as on the wire.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! data_types {
    ($($(#[$doc:meta])* $name:ident = $number:literal, $text:literal;)*) => {
        /// The type of a field (or of an array's elements).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum DataType { $($(#[$doc])* $name = $number),* }

        impl DataType {
            /// Every type Elanus stores.
            pub const ALL: &'static [DataType] = &[$(DataType::$name),*];

            /// The number in the Milvus protocol.
            pub const fn number(self) -> i32 { self as i32 }

            /// Finds a type by its number in the Milvus protocol.
            pub fn from_number(number: i32) -> Option<DataType> {
                Self::ALL.iter().copied().find(|t| t.number() == number)
            }

            /// The name in the Milvus protocol, for example `FloatVector`.
            pub const fn name(self) -> &'static str { match self { $(DataType::$name => $text),* } }
        }
    };
}

data_types! {
    /// True or false.
    Bool = 1, "Bool";
    /// 8-bit signed integer.
    Int8 = 2, "Int8";
    /// 16-bit signed integer.
    Int16 = 3, "Int16";
    /// 32-bit signed integer.
    Int32 = 4, "Int32";
    /// 64-bit signed integer.
    Int64 = 5, "Int64";
    /// 32-bit float.
    Float = 10, "Float";
    /// 64-bit float.
    Double = 11, "Double";
    /// UTF-8 text of bounded byte length.
    VarChar = 21, "VarChar";
    /// A list of scalars of one type.
    Array = 22, "Array";
    /// Any JSON value, kept as the UTF-8 text it came as.
    Json = 23, "JSON";
    /// A shape in the plane, kept as WKB.
    Geometry = 24, "Geometry";
    /// A moment, kept as microseconds since the Unix epoch.
    Timestamptz = 26, "Timestamptz";
    /// One bit per dimension, packed into bytes.
    BinaryVector = 100, "BinaryVector";
    /// Little-endian 32-bit floats.
    FloatVector = 101, "FloatVector";
    /// Little-endian IEEE half floats.
    Float16Vector = 102, "Float16Vector";
    /// Little-endian bfloat16.
    BFloat16Vector = 103, "BFloat16Vector";
    /// Sorted (u32 index, f32 value) pairs, little endian.
    SparseFloatVector = 104, "SparseFloatVector";
    /// Signed bytes.
    Int8Vector = 105, "Int8Vector";
    /// A list of dense vectors of one type: only inside a struct array.
    ArrayOfVector = 106, "ArrayOfVector";
}

impl DataType {
    /// Whether this is a vector type, sparse ones and lists of vectors included.
    pub const fn is_vector(self) -> bool {
        self.number() >= 100
    }

    /// Whether this is a vector type with a fixed number of bytes per row.
    pub const fn is_dense_vector(self) -> bool {
        self.is_vector() && !matches!(self, DataType::SparseFloatVector | DataType::ArrayOfVector)
    }

    /// Int8 to Int64.
    pub const fn is_integer(self) -> bool {
        matches!(self, DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Int64)
    }

    /// Float or Double.
    pub const fn is_float(self) -> bool {
        matches!(self, DataType::Float | DataType::Double)
    }

    /// Integer or float.
    pub const fn is_number(self) -> bool {
        self.is_integer() || self.is_float()
    }

    /// Bytes per row of a dense vector of `dim` dimensions; `None` for anything else.
    pub const fn vector_width(self, dim: usize) -> Option<usize> {
        match self {
            DataType::BinaryVector => Some(dim / 8),
            DataType::FloatVector => Some(dim * 4),
            DataType::Float16Vector | DataType::BFloat16Vector => Some(dim * 2),
            DataType::Int8Vector => Some(dim),
            _ => None,
        }
    }
}

impl fmt::Display for DataType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
