"""The session room: the one owner of state. Pure Python, no I/O loop, no threads, no pixels.

Time comes in as an argument; files, pixels, sockets and windows are ports
(:mod:`player.session.ports`).
"""
