"""The help-seeker's chat: a page without an account, a form, and a socket that survives bad networks.

Who comes here may be in danger, on an old telephone, watched by somebody, or about to give up. So: no
name and no number is asked for; nothing is called sent before it is stored; a lost network, a reload or a
second tab never costs the place or a word; where to turn is always in view; and leaving takes one touch.
"""
