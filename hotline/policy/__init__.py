"""Files that people edit, read into the types that the domain decides with.

Whatever is wrong in them is said at start, in a sentence with the place and the mend; a service with
a broken policy does not start.
"""
