"""Mutation testing: `python -m tests.mutants` (`make mutants`), see `__main__`."""
