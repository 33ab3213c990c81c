"""Session files: GTO (text and binary) and what a session keeps in it."""
