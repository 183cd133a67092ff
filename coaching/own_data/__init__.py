"""What students say of calls that took place, and what their coaches answer."""
