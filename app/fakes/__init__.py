"""Outside systems as they really answer, for the demo and the tests. Never in production."""
