"""The array loops: rows of numbers in, one number per row out, and no knowledge of anything but arrays."""
