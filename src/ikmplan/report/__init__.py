"""What a plan says to readers: headline, limits, certificate, tables."""
