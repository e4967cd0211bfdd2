"""Figures for Prometheus: labels are bounded, none carries a person or a path with an id."""

from prometheus_client import Counter, Gauge, Histogram

REQUESTS = Histogram(
    "lianluo_http_seconds",
    "Time from request to response",
    ["method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
JOB_RUNS = Counter("lianluo_job_runs_total", "Slots taken by this process", ["job", "outcome"])
JOB_ITEMS = Counter("lianluo_job_items_total", "Items done by jobs of this process", ["job"])
JOB_LAST = Gauge("lianluo_job_last_success_timestamp", "When a job last ended well here", ["job"])
DELIVERIES = Counter("lianluo_deliveries_total", "Attempts by channel", ["channel", "outcome"])
SWEEP_AGE = Gauge("lianluo_sweep_age_seconds", "Since every county's clocks were last swept well")
SWEEP_ALARM = Gauge("lianluo_sweep_alarm", "1: older than SWEEP_ALARM_SECONDS, nobody is being warned")
