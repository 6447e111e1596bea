"""Everything kept in PostgreSQL: the embedded server, the tables and their history, and the stores over them."""
