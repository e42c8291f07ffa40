"""Records as they lie on somebody's disk, made into the cohort of a study, or refused."""
