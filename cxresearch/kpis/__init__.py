"""KPIs: one room a family, each row with its definition, interval, denominator and verdict."""
