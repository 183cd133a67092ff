"""In which bucket a late room is counted."""

from datetime import timedelta

import pytest

from coaching.rooms.recording.results import BUCKETS, bucket_of


@pytest.mark.parametrize(
    ("seconds", "bucket"),
    [(0, "1"), (1, "1"), (1.001, "2"), (10, "10"), (10.5, "30"), (1800, "1800"), (1800.1, "+Inf"), (10**7, "+Inf")],
)
def test_a_room_is_counted_in_the_first_bucket_it_fits_in(seconds: float, bucket: str) -> None:
    assert bucket_of(timedelta(seconds=seconds)) == bucket
    assert bucket in BUCKETS
