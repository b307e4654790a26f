"""What became of a detection, as a number."""

FALSE_POSITIVE, TRUE_POSITIVE, SKIPPED, CANDIDATE = range(4)
