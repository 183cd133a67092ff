"""What a setting that cannot be used ends the start with."""


class SettingsError(SystemExit):
    """One sentence that names the setting and what it has to be; whatever was starting ends with it."""
