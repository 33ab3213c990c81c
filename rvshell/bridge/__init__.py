"""Other worlds beside a client and a player: what watches, translates and records the wire.

- `tap`   stands between any client and any RV and shows what they say to each other
"""
