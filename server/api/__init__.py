"""The door for programs: JSON under /api/v1. A route parses, calls one service and shapes the answer."""
