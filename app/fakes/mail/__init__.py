"""A fake mail server that speaks SMTP: TLS, log-in, refusals, and faults on demand."""
