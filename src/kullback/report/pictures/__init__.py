"""The pictures of an account, one a file, each a function that returns SVG source.

No text of the user's is drawn in a picture: class names and the like stand in the caption, where they wrap.
"""
