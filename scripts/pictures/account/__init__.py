"""What each line of an account means: one picture a file."""
