"""All numbers of an outcome together: whether they can hold, in which cohorts, and what follows."""
