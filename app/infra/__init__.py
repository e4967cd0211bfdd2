"""Plumbing, ignorant of the domain."""
