//! Learning from queries how hard to look.

use super::files::IndexFile;
use super::read::vectors;
use super::{Sealed, absent};
use elanus_runtime::Cancel;
use elanus_types::{FieldId, Result};

impl Sealed {
    /// Measures the index of a field by queries that were really asked and returns its description with what was found,
    /// for [`Sealed::attach_index`]; `None` for one that is not in use or has no effort to measure.
    pub fn learn(&self, field: FieldId, queries: &[&[u8]], cancel: &Cancel) -> Result<Option<IndexFile>> {
        let known = self.indexes.read().iter().find(|index| index.file.field == field).cloned();
        let Some((open, index)) = known.as_ref().and_then(|known| Some((known, known.index.as_ref()?)))
        else {
            return Ok(None);
        };
        let field = absent::field(&self.schema, field)?;
        let column = self.stored(field.id)?;
        let Some((column, vectors)) =
            column.as_ref().and_then(|column| Some((column, vectors(field, column)?)))
        else {
            return Ok(None);
        };
        let queries: Vec<&[u8]> =
            queries.iter().copied().filter(|query| query.len() == vectors.width()).collect();
        let learnt =
            elanus_ann::learn(index.as_ref(), &vectors, open.metric, &queries, column.valid, cancel)?;
        Ok(learnt.map(|asked| IndexFile { asked: Some(asked), ..open.file.clone() }))
    }
}
