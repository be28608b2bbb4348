"""The risk room: what a caller's words and answers say about danger, and how sure that is.

A clinician edits the rulebook (`config/risk`), the policy floor compiles it, and this room decides.
Every error has a chosen direction: an assessment can raise a level and never lower one, what cannot be
decided is `unsure` and leaves a mark for a human, and finding nothing is never written down as safety.
"""
