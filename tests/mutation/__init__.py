"""Mutation testing of the metrics and the statistics: python -m tests.mutation; see README.md."""
