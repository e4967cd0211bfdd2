"""Third-party systems (第三方系统), such as the 12345 hotline: keys, scopes, quotas."""
