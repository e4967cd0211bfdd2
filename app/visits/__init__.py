"""A delegate goes to voters: where, what was heard, what is to come of it (走访选民)."""
