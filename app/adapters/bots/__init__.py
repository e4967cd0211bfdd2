"""WeCom (企业微信): a group's bot (群机器人, now 消息推送) and the application message (应用消息)."""
