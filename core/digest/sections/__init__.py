"""One section of the digest a module, each with `compose(material) -> Section`."""
