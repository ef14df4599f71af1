"""The pictures of docs/ideas, one a file: `numbers`, which tests compare with closed forms, and `draw`."""
