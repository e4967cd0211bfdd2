"""Liaison stations (联络站): where residents meet their delegates, and the paper on the wall."""
