"""The faults are the same for every fake: see app/fakes/faults.py."""

from app.fakes.faults import Fault, Faults, InProcessLine, Line, fair_chance

__all__ = ["Fault", "Faults", "InProcessLine", "Line", "fair_chance"]
