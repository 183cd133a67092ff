"""What happened by day, week and month: worked out from the other tables, kept as sums."""
