"""The rules that every provider keeps, as checks: plain async functions, for pytest and ``placket conformance``."""
