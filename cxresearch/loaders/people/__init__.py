"""Who pays, and which person in the help desk belongs to whom: billing, identities, mappings."""
