"""Who may do what, when, and where it is kept: the HTTP API, the pages, the workers and the command line."""
