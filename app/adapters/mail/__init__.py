"""E-mail by SMTP, through a mail server of the operator's choice."""
