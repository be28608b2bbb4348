"""What the clock sets going: loops that look at the present state and repair it.

A worker remembers nothing that it could not read again, so any number of nodes may run them, and one
that was killed is missed by nobody: what it left undone is found by the next look.
"""
