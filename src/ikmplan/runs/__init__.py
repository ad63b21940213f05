"""Finished results on disk: written, read, listed."""
