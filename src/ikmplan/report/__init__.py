"""A plan for readers: headline, limits, certificate, tables."""
