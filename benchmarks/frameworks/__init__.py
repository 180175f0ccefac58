"""Each framework: how a contender is asked through it, and its floor, the cheapest model that can be written for it."""
