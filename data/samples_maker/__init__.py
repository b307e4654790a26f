"""Makes the sample rounds: digits, the scenes they are set into, the entries that read them, the files."""
