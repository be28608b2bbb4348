"""How often a process looks for circles among its objects, for processes that hold thousands of sockets.

By default Python looks through its young objects at every 700 new ones, and through all of them again and
again while sockets come. With 2,500 open contacts that took a fifth of a node's time, in pauses of up to a
second in which nobody was answered. Most objects end without it; so it looks more seldom, and never again
through what was loaded at the start.
"""

import gc
from typing import Final

YOUNG_OBJECTS: Final = 20_000
"""So many more objects than have ended make a look worth while: a few megabytes."""
YOUNG_LOOKS: Final = 20
"""So many looks at the young make one at those that have outlived the first; as many of these, one at all."""


def settle() -> None:
    """Take what is there now for good, and look seldom from now on. To be called when a process is ready."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, YOUNG_LOOKS, YOUNG_LOOKS)
