"""Pages: how notebooks speak, and what one of them alone says. Every number is computed."""
