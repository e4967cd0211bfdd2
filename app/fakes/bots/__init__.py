"""A fake of WeCom: a group's bot and application messages, byte limits, quotas, duplicate check."""
