"""Columns and truth in, outcomes out, numbers from outcomes: one metric a file, its kernels beside it."""
