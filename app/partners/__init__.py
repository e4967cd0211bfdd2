"""Third-party systems (第三方系统): 12345 hotline, county platforms, official-account vendors; keys, scopes, quotas."""
