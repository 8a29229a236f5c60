"""Files as they come, record by record, every field as text first."""
