"""What coach and student of a call keep together: notes, links and tasks."""
