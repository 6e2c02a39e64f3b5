//! Which columns a read returns, and fetching them late.

use super::operand::Operand;
use super::path::Step;
use elanus_segment::Segment;
use elanus_types::query::OutputField;
use elanus_types::{CollectionSchema, Column, ColumnBuilder, Error, FieldSchema, Result};
use std::sync::Arc;

/// The columns to fetch and the names to report.
#[derive(Clone, Debug, Default)]
pub struct OutputPlan {
    /// Fields to fetch, each once; `$meta` when any dynamic key is asked for.
    pub fields: Vec<FieldSchema>,
    /// What the caller asked for, `*` expanded.
    pub names: Vec<String>,
}

/// Where a result row lies: index of its segment and row in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Index into the snapshot's segments.
    pub segment: u32,
    /// Row in the segment.
    pub row: u32,
}

impl OutputPlan {
    /// Resolves names against the schema: `*`, field names, struct arrays and their parts, `$meta`, dynamic keys (`$meta["key"]` too).
    pub fn new(schema: &CollectionSchema, asked: &[String]) -> Result<Self> {
        let mut plan = Self::default();
        for name in asked {
            match name.trim() {
                "*" => schema.fields.iter().for_each(|field| {
                    let structure = schema.structure_of(field.id);
                    plan.add(field, structure.map_or(&field.name, |structure| &structure.name));
                }),
                "%" => schema.vectors().for_each(|field| plan.add(field, &field.name)),
                name if schema.structure(name).is_some() => {
                    let parts = schema.structure(name).into_iter().flat_map(|it| schema.parts(it));
                    parts.for_each(|part| plan.add(part, name));
                }
                name => match schema.field(name) {
                    Some(field) => plan.add(field, name),
                    None => plan.add_dynamic(schema, name)?,
                },
            }
        }
        Ok(plan)
    }

    /// Adds a dynamic key, written as it is or as `$meta["key"]`.
    fn add_dynamic(&mut self, schema: &CollectionSchema, name: &str) -> Result<()> {
        if name.split_once('[').is_some_and(|(base, _)| schema.structure(base).is_some()) {
            return Err(Error::invalid(format!("field {name} not exist")));
        }
        let subkeys = || Error::invalid("not support getting subkeys of json field yet");
        match Operand::find(schema, name) {
            Some(Operand { field, steps, .. }) if field.dynamic => match steps.as_slice() {
                [Step::Key(key)] => self.add(&field, key),
                _ => return Err(subkeys()),
            },
            Some(_) => return Err(subkeys()),
            None if name.is_empty() || name.contains('[') => {
                return Err(Error::invalid(format!("parse output field name failed: {name}")));
            }
            None => return Err(Error::invalid(format!("field {name} not exist"))),
        }
        Ok(())
    }

    fn add(&mut self, field: &FieldSchema, name: &str) {
        if !self.fields.iter().any(|known| known.id == field.id) {
            self.fields.push(field.clone());
        }
        if !self.names.iter().any(|known| known == name) {
            self.names.push(name.to_owned());
        }
    }

    /// Adds a field that is returned whether asked for or not.
    pub fn require(&mut self, field: &FieldSchema) {
        self.add(field, &field.name);
    }

    /// Bytes of a row's vectors: what is known of its size before it is fetched.
    pub fn width(&self) -> usize {
        self.fields.iter().filter_map(FieldSchema::vector_width).sum()
    }

    /// Bytes that [`OutputPlan::fetch`] would copy, about, without copying any.
    pub fn size(&self, segments: &[Arc<dyn Segment>], places: &[Place]) -> usize {
        let varying = |field: &&FieldSchema| field.vector_width().is_none();
        let fields: Vec<_> = self.fields.iter().filter(varying).map(|field| field.id).collect();
        let mut rows: Vec<Vec<u32>> = vec![Vec::new(); segments.len()];
        for place in places {
            if let Some(rows) = rows.get_mut(place.segment as usize) {
                rows.push(place.row);
            }
        }
        let texts = segments.iter().zip(&rows).filter(|(_, rows)| !rows.is_empty());
        let texts: usize = texts.map(|(segment, rows)| segment.varying_bytes(rows, &fields)).sum();
        self.width().saturating_mul(places.len()).saturating_add(texts)
    }

    /// Fetches the planned columns for rows in the order given.
    pub fn fetch(&self, segments: &[Arc<dyn Segment>], places: &[Place]) -> Result<Vec<OutputField>> {
        let ids: Vec<_> = self.fields.iter().map(|field| field.id).collect();
        let empty = || self.fields.iter().map(ColumnBuilder::for_field).collect();
        let columns = gather(segments, places, empty, |segment, rows| segment.take(rows, &ids))?;
        let fields = self.fields.iter().cloned().zip(columns);
        Ok(fields.map(|(field, column)| OutputField { field, column }).collect())
    }
}

/// Columns of rows of several segments in the order given, each segment asked once by `take`; `empty` makes columns of
/// the right types.
pub fn gather(
    segments: &[Arc<dyn Segment>],
    places: &[Place],
    empty: impl Fn() -> Vec<ColumnBuilder>,
    take: impl Fn(&dyn Segment, &[u32]) -> Result<Vec<Column>>,
) -> Result<Vec<Column>> {
    let mut rows: Vec<(Vec<u32>, Vec<usize>)> = vec![Default::default(); segments.len()];
    for (i, place) in places.iter().enumerate() {
        let (rows, targets) = rows
            .get_mut(place.segment as usize)
            .ok_or_else(|| Error::internal("a row outside the snapshot"))?;
        rows.push(place.row);
        targets.push(i);
    }
    let mut builders = empty();
    let mut order = vec![0_u32; places.len()];
    let mut fetched = 0_u32;
    for (segment, (rows, targets)) in segments.iter().zip(rows).filter(|(_, (rows, _))| !rows.is_empty()) {
        let columns = take(segment.as_ref(), &rows)?;
        builders.iter_mut().zip(&columns).for_each(|(builder, column)| builder.append(&column.view()));
        for target in targets {
            order[target] = fetched;
            fetched += 1;
        }
    }
    let in_order = order.windows(2).all(|pair| pair[0] < pair[1]);
    let finish = |builder: ColumnBuilder| match in_order {
        true => builder.finish(),
        false => builder.view().take(&order),
    };
    Ok(builders.into_iter().map(finish).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use elanus_types::DataType;

    fn schema(dynamic: bool) -> CollectionSchema {
        let mut fields = vec![
            FieldSchema::new(100, "id", DataType::Int64),
            FieldSchema::new(101, "v", DataType::FloatVector),
        ];
        if dynamic {
            let mut meta = FieldSchema::new(102, "$meta", DataType::Json);
            meta.dynamic = true;
            fields.push(meta);
        }
        CollectionSchema { fields, ..CollectionSchema::default() }
    }

    fn names(plan: &OutputPlan) -> Vec<&str> {
        plan.names.iter().map(String::as_str).collect()
    }

    #[test]
    fn expands_stars_and_dynamic_keys() -> Result<()> {
        let plan = OutputPlan::new(&schema(true), &["*".into(), "color".into(), "$meta[\"size\"]".into()])?;
        assert_eq!(names(&plan), ["id", "v", "$meta", "color", "size"]);
        assert_eq!(plan.fields.len(), 3, "dynamic keys share one column");
        Ok(())
    }

    #[test]
    fn refuses_unknown_names_without_a_dynamic_field() {
        let error = OutputPlan::new(&schema(false), &["color".into()]).expect_err("no such field");
        assert_eq!(error.message(), "field color not exist");
    }

    #[test]
    fn only_dynamic_keys_have_places_of_their_own() -> Result<()> {
        let mut schema = schema(true);
        schema.fields.insert(2, FieldSchema::new(103, "doc", DataType::Json));
        let plan = OutputPlan::new(&schema, &["$meta['a']".into(), "$meta[\"a\"]".into(), "a".into()])?;
        assert_eq!((names(&plan), plan.fields.len()), (vec!["a"], 1));
        let message = |name: &str| {
            OutputPlan::new(&schema, &[name.into()]).expect_err("no output").message().to_owned()
        };
        for name in ["doc[\"a\"]", "$meta[\"a\"][\"b\"]", "a[\"b\"]", "$meta[0]"] {
            assert_eq!(message(name), "not support getting subkeys of json field yet", "{name}");
        }
        for name in ["id[\"a\"]", "$meta[\"a\"", "", "[0]"] {
            assert_eq!(message(name), format!("parse output field name failed: {name}"));
        }
        Ok(())
    }
}
