"""A kernel file for the tests of scoring/machine_code.py, which compile it."""


def twice(count, numbers, doubled):  # type: ignore[no-untyped-def]  # compiled: numba finds the types
    for k in range(count):
        doubled[k] = 2 * numbers[k]
    return count
