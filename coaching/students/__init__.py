"""A coach’s students: who they are, and what the coach keeps to themselves about them."""
