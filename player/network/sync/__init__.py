"""Sync: players and RVs that show the same, by RV's own messages.

Theory of operation
-------------------
Everything follows `sync.md`, which tells what RV does; this is what is built on it.

    local events --> Outbound --> Sync.send --> every partner (but the one it came from)
    remote-sync-* events --> Inbound --> the session, and on to the other partners

`Sync` keeps the partners and does the handshake.  While a remote change is applied the
*receive lock* is held, and local events are not sent: what a remote change causes here, it
causes at the others as well.

Order.  RV's protocol has none: two edits of one thing at the same time leave everybody with
what came last.  Between players each message is preceded by a *stamp* (a Lamport clock and
the player's id, event `remote-sync-stamp`; RV has no binding for it and drops it).  Every
thing that can be set is a *register* that remembers its newest stamp: older changes are
neither applied nor passed on, equal ones have been seen.  So a change ends its way in any
topology, and everybody ends with the same value.  What comes from RV is stamped on arrival.

Agreement.  What registers cannot order (two sources added at once get each other's names)
and what a broken network swallowed is found by comparing digests of the state when all is
quiet (event `remote-sync-player`).  Players form a tree towards the one with the lowest id,
the oldest; a player whose digest differs from that of its parent in a part in which they had
agreed before takes over the parent's session.  Those who never agreed, since they show
different media on purpose, are left alone.

What RV does wrong and is not repeated: a graph change circulates for ever in a ring; one bad
part ends the whole batch; `&`, `|`, `//` and backslashes in texts are lost (they are sent as
escapes here); floats lose their last digits (as many as needed are sent); a session file that
cannot be read leaves the lock held; a scripted name goes into a file name.
"""

from __future__ import annotations

from player.network.sync.groups import GROUPS, Groups
from player.network.sync.sync import Partner, Sync

__all__ = ["GROUPS", "Groups", "Partner", "Sync"]
