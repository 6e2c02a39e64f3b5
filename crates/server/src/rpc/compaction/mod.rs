//! Compaction.

mod manual;
mod plans;
mod state;

use crate::call::Call;
use elanus_types::{ErrorKind, Result};
pub(super) use manual::manual_compaction;
pub(super) use plans::get_compaction_state_with_plans;
pub(super) use state::get_compaction_state;

/// Whether the collection of this number has work left. A build that failed is not under way.
async fn under_way(call: &Call, collection: i64) -> Result<bool> {
    let Ok(target) = call.target_by("", "", collection) else { return Ok(false) };
    match call.status(&target).await {
        Ok(status) => {
            Ok(status.indexes.iter().any(|index| index.pending_rows > 0 && index.failure.is_empty()))
        }
        Err(error) if error.kind() == ErrorKind::CollectionNotFound => Ok(false),
        Err(error) => Err(error),
    }
}
