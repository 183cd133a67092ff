from typing import Any

from wtforms import Form

class FlaskForm(Form):
    # The form's fields, where `formdata` is not said, are those of the request; None says that nothing was sent.
    def __init__(self, formdata: Any = ..., **kwargs: Any) -> None: ...
