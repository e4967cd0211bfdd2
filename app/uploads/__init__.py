"""Photos and scans: received, cleaned, claimed by the paper they belong to, or swept."""
