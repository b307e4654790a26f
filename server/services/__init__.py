"""One file per use case. They decide; the doors (API, pages, commands) translate."""
