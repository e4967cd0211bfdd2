"""Lines crossed by clocks (预警、超期): found once, kept as facts; telling people is notifications' work."""
