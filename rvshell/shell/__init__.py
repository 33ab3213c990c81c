"""The interactive prompt; imported only when somebody sits at a terminal."""
