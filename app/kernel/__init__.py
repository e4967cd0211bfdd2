"""Pure words everything else is built of; imports nothing of ours."""
