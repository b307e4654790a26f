"""Where bytes are kept: uploads and outcomes as blobs under keys nobody can guess."""
