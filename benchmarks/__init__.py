"""Measurements of gstream beside the floor of its frameworks and beside its peers, in one run: `make bench`.

`subjects` hold the cases as data, and what a worker does for each. `workers` run one contender a process, `running`
drives them in turns, `report` and `chart` show what came of it.
"""
