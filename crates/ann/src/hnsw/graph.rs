//! Who is linked to whom, on one layer.

/// Marks the unused end of a list of links.
pub(super) const NONE: u32 = u32::MAX;

/// The links of one layer. Nodes of the lowest layer are rows; those above have numbers of their own.
pub(super) trait Graph: Sync {
    /// Number of nodes; links at or above it are not followed.
    fn nodes(&self) -> usize;

    /// The links of a node, nearest first where that matters; ends at the first one not to follow.
    fn links(&self, node: u32) -> impl Iterator<Item = u32> + '_;

    /// Asks the processor for the links of a node.
    fn prefetch(&self, node: u32);

    /// The rows of some nodes; `room` may be used to hold them.
    fn rows<'a>(&'a self, nodes: &'a [u32], room: &'a mut Vec<u32>) -> &'a [u32];
}

/// Links as they lie in a file: `width` little-endian numbers per node.
#[derive(Clone, Copy)]
pub(super) struct Stored<'a> {
    pub nodes: usize,
    pub width: usize,
    pub links: &'a [[u8; 4]],
    /// The rows of the nodes; `None` where node and row are the same.
    pub order: Option<&'a [[u8; 4]]>,
}

impl Stored<'_> {
    #[inline(always)]
    fn list(&self, node: u32) -> &[[u8; 4]] {
        let start = node as usize * self.width;
        self.links.get(start..start + self.width).unwrap_or(&[])
    }
}

impl Graph for Stored<'_> {
    fn nodes(&self) -> usize {
        self.nodes
    }

    #[inline(always)]
    fn links(&self, node: u32) -> impl Iterator<Item = u32> + '_ {
        let nodes = self.nodes;
        self.list(node)
            .iter()
            .map(|bytes| u32::from_le_bytes(*bytes))
            .take_while(move |link| (*link as usize) < nodes)
    }

    #[inline(always)]
    fn prefetch(&self, node: u32) {
        elanus_kernels::prefetch(self.list(node).as_flattened(), 4);
    }

    #[inline(always)]
    fn rows<'a>(&'a self, nodes: &'a [u32], room: &'a mut Vec<u32>) -> &'a [u32] {
        let Some(order) = self.order else { return nodes };
        room.clear();
        let row = |node: &u32| order.get(*node as usize).map_or(NONE, |bytes| u32::from_le_bytes(*bytes));
        room.extend(nodes.iter().map(row));
        room
    }
}

/// Links under construction: room for some more per node than the layer keeps.
pub(super) struct Layer<'a> {
    /// Room per node.
    pub width: usize,
    /// Links kept per node in the end.
    pub limit: usize,
    pub links: Vec<u32>,
    /// The rows of the nodes, for layers above the lowest.
    pub order: Option<&'a [u32]>,
}

impl<'a> Layer<'a> {
    pub(super) fn new(nodes: usize, limit: usize, order: Option<&'a [u32]>) -> Self {
        // Lists are cut back only when the extra room is full, which saves most of the cutting.
        let width = limit + limit / 4 + 1;
        Self { width, limit, links: vec![NONE; nodes * width], order }
    }

    pub(super) fn list(&self, node: u32) -> &[u32] {
        let start = node as usize * self.width;
        let list = self.links.get(start..start + self.width).unwrap_or(&[]);
        let used = list.iter().position(|link| *link == NONE).unwrap_or(list.len());
        &list[..used]
    }

    /// Replaces a node's links; those beyond the room are dropped.
    pub(super) fn set(&mut self, node: u32, links: &[u32]) {
        let start = node as usize * self.width;
        if let Some(list) = self.links.get_mut(start..start + self.width) {
            list.fill(NONE);
            list.iter_mut().zip(links).for_each(|(to, from)| *to = *from);
        }
    }

    /// The row of a node.
    pub(super) fn row(&self, node: u32) -> u32 {
        self.order.map_or(node, |order| order.get(node as usize).copied().unwrap_or(NONE))
    }
}

impl Graph for Layer<'_> {
    fn nodes(&self) -> usize {
        self.links.len() / self.width
    }

    #[inline(always)]
    fn links(&self, node: u32) -> impl Iterator<Item = u32> + '_ {
        let start = node as usize * self.width;
        let list = self.links.get(start..start + self.width).unwrap_or(&[]);
        list.iter().copied().take_while(|link| *link != NONE)
    }

    #[inline(always)]
    fn prefetch(&self, node: u32) {
        let start = node as usize * self.width;
        let list = self.links.get(start..start + self.width).unwrap_or(&[]);
        elanus_kernels::prefetch(bytemuck::cast_slice(list), 4);
    }

    #[inline(always)]
    fn rows<'b>(&'b self, nodes: &'b [u32], room: &'b mut Vec<u32>) -> &'b [u32] {
        let Some(order) = self.order else { return nodes };
        room.clear();
        room.extend(nodes.iter().map(|node| order.get(*node as usize).copied().unwrap_or(NONE)));
        room
    }
}
