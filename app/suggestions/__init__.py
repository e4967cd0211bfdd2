"""What delegates formally raise, from draft to archive (建议、批评和意见)."""
