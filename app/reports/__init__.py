"""Figures, papers, registers, the archive and the yearly report: read from the facts, kept nowhere else."""
