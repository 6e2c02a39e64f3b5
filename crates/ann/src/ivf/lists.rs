//! Items grouped by their labels, in the order of their numbers.

/// Where each list starts in the order (one more start than lists: the end), and the items list by list.
pub(super) fn group(labels: &[u32], lists: usize) -> (Vec<u32>, Vec<u32>) {
    let mut starts = vec![0u32; lists + 1];
    for label in labels {
        if let Some(start) = starts.get_mut(*label as usize + 1) {
            *start += 1;
        }
    }
    for list in 0..lists {
        starts[list + 1] += starts[list];
    }
    let mut next = starts.clone();
    let mut order = vec![0u32; labels.len()];
    for (item, label) in labels.iter().enumerate() {
        if let Some(next) = next.get_mut(*label as usize) {
            if let Some(place) = order.get_mut(*next as usize) {
                *place = item as u32;
            }
            *next += 1;
        }
    }
    (starts, order)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_grouped_in_order() {
        let (starts, order) = group(&[2, 0, 2, 1, 0], 4);
        assert_eq!((starts, order), (vec![0, 2, 3, 5, 5], vec![1, 4, 3, 0, 2]));
    }
}
