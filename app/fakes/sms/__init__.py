"""A fake of two short-message providers, Tencent Cloud and Aliyun: signatures, quotas, receipts."""
