"""The time to an event, of which some patients have none yet."""
