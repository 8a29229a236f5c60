"""Who handles tickets: teams and agents, how loaded they are, and how tickets change hands."""
