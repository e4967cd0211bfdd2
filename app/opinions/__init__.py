"""What residents say: receipts, triage, answers."""
