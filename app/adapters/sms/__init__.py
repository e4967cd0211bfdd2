"""Short messages (短信) through Tencent Cloud or Aliyun, by approved templates only."""
