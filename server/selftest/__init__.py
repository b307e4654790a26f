"""Files whose scores are known beforehand, scored as submissions are: whether a round does what it must."""
