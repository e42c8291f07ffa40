"""Patient-level cohorts that have every printed number."""
