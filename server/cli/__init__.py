"""The command `heldout`. Every command imports what it needs when it runs: `score` never loads the server."""

import os

# Nothing here multiplies matrices: numpy's linear algebra would start threads that wait for work that never comes.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
