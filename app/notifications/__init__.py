"""From an event to a person to a channel: the inbox, deliveries, and an alert's whole trail."""
