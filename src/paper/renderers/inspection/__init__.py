"""A rendered file is looked through before it takes the place of another.

Both renderers report success whatever they made. What must hold of every format is looked at here:
nothing is left over, all of the text is there, once and in its order, every number is the recorded
one, and in a PDF nothing is off the page or printed on something else.
"""
