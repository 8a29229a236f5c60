"""What customers write about: topics found by machine, with their words, quotes and stability."""
