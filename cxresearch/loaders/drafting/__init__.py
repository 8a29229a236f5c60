"""A mapping that is drafted from what a file holds, for a person to correct."""
