"""Numbers that the compiled readers of detection lines and DetectionLines share."""

# What can be wrong with a line; DetectionLines explains it.
OK, BLANK, COLUMNS, TOKEN, IMAGE, CLASS, COORDINATE = range(7)

# Places in the counts that a window gives.
WNIDS, IDS, INVERTED, ONE_PIXEL, NEGATIVE, NORMALISED, UNUSUAL, TINY = range(8)
COUNTS = 8
