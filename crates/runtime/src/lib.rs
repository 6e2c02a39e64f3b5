//! Seams to the world: clock, randomness, CPU pool, cancellation, settings, metrics.
