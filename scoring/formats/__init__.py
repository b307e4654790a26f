"""Bytes in, windows of columns and findings out, knowing only the public half of a round."""
