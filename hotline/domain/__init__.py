"""Every decision of the trade, and nothing else.

A decision takes frozen data, the present moment and fresh ids, and returns frozen data: what the
rows become, what the journal says, what is to be done in the world. It never reads a clock, draws
lots, or waits. So a clinician can read it, and a test can try ten thousand histories in a second.
"""
