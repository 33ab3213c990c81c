"""The shell's own vocabulary: one registry for help, completion, usage and documentation.

`registry` declares verbs, `signature` reads their arguments, `context` is what a verb gets,
`remote` the way to the far end; the other modules are the verbs themselves.
"""
