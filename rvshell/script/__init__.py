"""The command language: text to a tree (`parser`), a tree to actions (`run`), whole files and
standard input (`batch`)."""
