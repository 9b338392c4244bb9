"""Load, compute, store: what stands between the models and the engine.

Knows the tables and a cursor; the arithmetic is the engine's, rights and screens are the models'.
"""
