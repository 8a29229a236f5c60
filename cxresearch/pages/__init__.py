"""Findings: results turned into sentences, one room a notebook. Every number is computed."""
