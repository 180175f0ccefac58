"""Measurements of gstream beside the floor that its frameworks set."""
