"""WeChat's mini-program server interface: log-in, phone, subscription messages, codes, push."""
