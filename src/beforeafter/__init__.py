"""The statistics of a before/after cohort: outcomes and patients, nothing of documents."""
