"""Visual search on PostgreSQL: catalogs in tables, vectors compared by pgvector."""
