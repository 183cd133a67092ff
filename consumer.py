"""The worker's process: huey's own consumer, with no more in its memory than it needs."""

import drivers


def main() -> None:
    drivers.leave_out_unused()
    from huey.bin.huey_consumer import consumer_main  # type: ignore[import-untyped]

    consumer_main()


if __name__ == "__main__":
    main()
