"""Policies and rotas, read from passages into rules that keep their place in the file."""
