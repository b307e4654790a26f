"""Tables, queries and migrations. One repository file per noun; nobody else writes a SELECT about it."""
