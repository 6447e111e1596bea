"""The eleven tools: what they take, what they bring in, and the registry that calls them."""
