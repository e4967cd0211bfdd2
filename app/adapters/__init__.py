"""Outside systems as we call them: thin clients, each with a twin under app/fakes."""
