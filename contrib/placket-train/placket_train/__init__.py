"""Trains the networks of the embedded tagger and search."""
