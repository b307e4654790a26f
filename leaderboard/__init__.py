"""What a rank is: pure rules over plain entries, and their rendering. Knows scoring, not the server."""
