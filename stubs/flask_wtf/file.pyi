import wtforms
from werkzeug.datastructures import FileStorage

class FileField(wtforms.FileField):
    data: FileStorage | None
