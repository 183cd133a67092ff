"""The public list of coaches: what it shows of each is kept worked out, and looked after by the worker."""
