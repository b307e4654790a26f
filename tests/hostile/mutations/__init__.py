"""Valid prediction files of every task and format, damaged at random: each ends in findings or in a score.

`python -m tests.hostile.mutations --count 1000000 --seed 0` does so in processes of its own; the suite does a little.
A mutation is told by its number alone: the same number gives the same bytes.
"""
