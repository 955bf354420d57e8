"""Byte-pair encoding, the train/validation split, and the Arrow token shards."""
