"""The command `heldout`. Every command imports what it needs when it runs: `score` never loads the server."""
