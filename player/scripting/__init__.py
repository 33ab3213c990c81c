"""Scripts in the player: Mu and Python texts from clients, and the handlers they bind.

``ScriptEngine`` ties the hosts, the deadline and the default bindings to a session; the daemon
talks to its ``dispatcher``.
"""
