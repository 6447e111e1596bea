"""Evidence → claims with citations, one section of the report a module."""
