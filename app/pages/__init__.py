"""What residents see in a browser: server-rendered pages that need no script and no log-in."""
