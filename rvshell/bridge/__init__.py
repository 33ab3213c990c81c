"""Other worlds beside a client and a player: what watches, translates and records the wire.

- `tev`   takes what is sent to the viewer tev and shows it in a player or RV
- `tap`   stands between any client and any RV and shows what they say to each other
"""
