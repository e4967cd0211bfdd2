"""Lianluo 联络: the platform on which grassroots People's Congresses work."""
