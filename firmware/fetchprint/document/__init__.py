"""Document formats, decoded line by line."""
