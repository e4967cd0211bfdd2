"""Regions, congresses, organisations, persons, seats, terms, groups."""
