//! What a scalar index is about: kind, place in a document, cast.

use super::sections::damaged;
use crate::ast::Step;
use elanus_types::catalog::Properties;
use elanus_types::{DataType, Error, FieldSchema, Result};
use serde::{Deserialize, Serialize};

/// The kinds of scalar indexes, named as in the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum IndexKind {
    /// Chosen by the database.
    AutoIndex,
    /// Terms and their rows.
    Inverted,
    /// A bitmap per value.
    Bitmap,
    /// Values in order.
    StlSort,
    /// Texts, by prefix too.
    Trie,
    /// Pieces of texts, for infix patterns.
    Ngram,
    /// Boxes around shapes.
    Rtree,
    /// Frequent places of JSON documents as columns; made without being asked for.
    Shredded,
}

impl IndexKind {
    /// The name in the protocol.
    pub fn name(self) -> &'static str {
        match self {
            IndexKind::AutoIndex => "AUTOINDEX",
            IndexKind::Inverted => "INVERTED",
            IndexKind::Bitmap => "BITMAP",
            IndexKind::StlSort => "STL_SORT",
            IndexKind::Trie => "TRIE",
            IndexKind::Ngram => "NGRAM",
            IndexKind::Rtree => "RTREE",
            IndexKind::Shredded => "JSON_SHREDDED",
        }
    }

    /// Reads a name as users write it; HYBRID, which Milvus uses inside, is AUTOINDEX.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "AUTOINDEX" | "HYBRID" => IndexKind::AutoIndex,
            "INVERTED" => IndexKind::Inverted,
            "BITMAP" => IndexKind::Bitmap,
            "STL_SORT" => IndexKind::StlSort,
            "TRIE" | "Trie" => IndexKind::Trie,
            "NGRAM" => IndexKind::Ngram,
            "RTREE" => IndexKind::Rtree,
            _ => return None,
        })
    }
}

/// What values of a JSON place are indexed as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Cast {
    /// Booleans.
    Bool,
    /// Numbers.
    Double,
    /// Texts.
    VarChar,
    /// Elements of arrays that are booleans.
    ArrayBool,
    /// Elements of arrays that are numbers.
    ArrayDouble,
    /// Elements of arrays that are texts.
    ArrayVarChar,
    /// Every place below, whatever is there.
    Json,
}

impl Cast {
    /// The name in the protocol.
    pub fn name(self) -> &'static str {
        match self {
            Cast::Bool => "BOOL",
            Cast::Double => "DOUBLE",
            Cast::VarChar => "VARCHAR",
            Cast::ArrayBool => "ARRAY_BOOL",
            Cast::ArrayDouble => "ARRAY_DOUBLE",
            Cast::ArrayVarChar => "ARRAY_VARCHAR",
            Cast::Json => "JSON",
        }
    }

    /// Reads a name, in any case.
    pub fn parse(name: &str) -> Option<Self> {
        use Cast::{ArrayBool, ArrayDouble, ArrayVarChar, Bool, Double, Json, VarChar};
        let all = [Bool, Double, VarChar, ArrayBool, ArrayDouble, ArrayVarChar, Json];
        all.into_iter().find(|cast| cast.name().eq_ignore_ascii_case(name.trim()))
    }
}

/// One scalar index of a field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IndexSpec {
    /// Its kind.
    pub kind: IndexKind,
    /// The place in JSON documents; `None` = the field itself.
    #[serde(default)]
    pub(crate) path: Option<Vec<Step>>,
    /// What values of the place are indexed as.
    #[serde(default)]
    pub(crate) cast: Option<Cast>,
    /// Shortest and longest pieces of texts, in characters.
    #[serde(default)]
    pub(crate) grams: (usize, usize),
}

impl IndexSpec {
    /// What an index asked for by these parameters is; the caller has checked that they fit the field.
    pub fn from_params(field: &FieldSchema, index_type: &str, params: &Properties) -> Result<Self> {
        let Some(kind) = IndexKind::parse(index_type) else {
            return Err(Error::internal(format!("no scalar index is called {index_type}")));
        };
        let number = |key: &str| params.get(key).and_then(|value| value.trim().parse().ok()).unwrap_or(0);
        let grams = (number("min_gram"), number("max_gram"));
        if field.data_type == DataType::Geometry {
            // AUTOINDEX of shapes can be nothing else.
            return Ok(Self { kind: IndexKind::Rtree, path: None, cast: None, grams });
        }
        if field.data_type != DataType::Json {
            return Ok(Self { kind, path: None, cast: None, grams });
        }
        let path = json_path(field, params.get("json_path").map_or("", String::as_str))?;
        let cast = params.get("json_cast_type").and_then(|name| Cast::parse(name));
        Ok(Self { kind, path: Some(path), cast, grams })
    }

    /// The columns of frequent places of a JSON field.
    pub fn shredded() -> Self {
        Self { kind: IndexKind::Shredded, path: None, cast: None, grams: (0, 0) }
    }

    /// Whether frequent places of the whole field serve it best, so that it needs no structure of its own.
    pub fn is_shredded(&self) -> bool {
        self.kind == IndexKind::Shredded || self.cast == Some(Cast::Json)
    }

    pub(super) fn write(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    pub(super) fn read(bytes: &[u8]) -> Result<Self> {
        serde_json::from_slice(bytes).map_err(|_| damaged("its description"))
    }
}

/// Reads a place as users name it: `field["a"][0]`, `a` or `a["b"]` for dynamic keys; blank = the whole document.
pub(crate) fn json_path(field: &FieldSchema, text: &str) -> Result<Vec<Step>> {
    let text = text.trim();
    if text.is_empty() || text == field.name {
        return Ok(Vec::new());
    }
    let wrong = || {
        let name = &field.name;
        Error::invalid(format!("cannot read json_path {text}, write it as {name}[\"key\"][0]"))
    };
    let (name, mut steps) = crate::parser::json_path(text).ok_or_else(wrong)?;
    if name != field.name {
        if !field.dynamic {
            return Err(wrong());
        }
        steps.insert(0, Step::Key(name));
    }
    Ok(steps)
}
