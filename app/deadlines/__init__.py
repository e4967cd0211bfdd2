"""Clocks of law: rule packs, the working calendar, due dates and why they fall where they fall."""
