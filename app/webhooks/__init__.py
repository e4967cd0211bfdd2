"""Partners' endpoints, signed deliveries to them, and the event feed they can always catch up from."""
