"""A comparison as one HTML page, made of the same parts as the report."""
