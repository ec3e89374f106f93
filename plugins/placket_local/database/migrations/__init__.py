"""How the tables came to be: Alembic's scripts, run before a database is first used."""
