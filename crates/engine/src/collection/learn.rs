//! Measuring indexes by queries that were asked.

use super::Collection;
use crate::local::World;
use elanus_segment::SegmentId;
use elanus_types::{CollectionMeta, Error, FieldId, Result};

impl Collection {
    /// Measures the index of a field of a segment by queries asked lately, and uses and commits what was found.
    pub fn learn(
        &self,
        world: &World,
        meta: &CollectionMeta,
        segment: SegmentId,
        field: FieldId,
    ) -> Result<()> {
        let _job = self.jobs.lock();
        let sealed = self.sealed(segment).ok_or_else(|| {
            Error::internal(format!("segment {segment} went before its index was measured"))
        })?;
        let Some(known) = sealed.files().index_on(field).cloned() else { return Ok(()) };
        // Whatever comes of it, trying again at once would end alike.
        self.asked.done(segment, &known);
        let queries = self.asked.sample(field);
        let queries: Vec<&[u8]> = queries.iter().map(Vec::as_slice).collect();
        let Some(learnt) = sealed.learn(field, &queries, &world.closing)? else { return Ok(()) };
        let mut commit = self.commit.lock();
        // Meanwhile the index may have been dropped, or all of it.
        if !self.is_live(&sealed, &learnt.file) {
            return Ok(());
        }
        sealed.attach_index(self.disk.as_ref(), &self.dir, learnt)?;
        self.commit_manifest(world, &mut commit)?;
        tracing::info!(
            collection = %meta.name,
            segment,
            measured = sealed.measured(field, elanus_ann::RECALL_TARGET).map(|it| it.efforts).unwrap_or_default(),
            "measured an index by queries asked"
        );
        Ok(())
    }
}
