"""Getting work done exactly once: claims with leases on our own rows, and scoring in child processes."""
