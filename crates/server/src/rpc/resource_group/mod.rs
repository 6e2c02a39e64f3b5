//! Resource groups: one node is one group.

mod describe;
mod list;

pub(super) use describe::describe_resource_group;
use elanus_types::{Error, Result};
pub(super) use list::list_resource_groups;

/// The group that always exists.
pub(super) const DEFAULT_GROUP: &str = "__default_resource_group";

/// Refuses any group but the default one.
pub(super) fn known(group: &str) -> Result<()> {
    if group == DEFAULT_GROUP {
        return Ok(());
    }
    Err(Error::invalid(format!("resource group not found[rg={group}], the only one is {DEFAULT_GROUP}")))
}
