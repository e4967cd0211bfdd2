"""A fake of WeChat's mini-program server: real paths, errors, quotas, and faults on demand."""
