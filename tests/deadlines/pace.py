"""How property tests run here: never against the clock, since a busy machine proves nothing."""

from hypothesis import HealthCheck, settings

untimed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
thorough = settings(untimed, max_examples=500)
