from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Generic, ParamSpec, TypeVar

from huey.serializer import Serializer

_P = ParamSpec("_P")
_R = TypeVar("_R")
_CallableT = TypeVar("_CallableT", bound=Callable[..., object])
_IsDue = Callable[[datetime], bool]

def crontab(
    minute: str = "*", hour: str = "*", day: str = "*", month: str = "*", day_of_week: str = "*", strict: bool = False
) -> _IsDue: ...

class Result:
    id: str

class TaskWrapper(Generic[_P, _R]):
    def __call__(self, *args: _P.args, **kwargs: _P.kwargs) -> Result: ...
    def call_local(self, *args: _P.args, **kwargs: _P.kwargs) -> _R: ...
    def schedule(
        self,
        args: tuple[Any, ...] | None = None,
        kwargs: dict[str, Any] | None = None,
        eta: datetime | None = None,
        delay: float | timedelta | None = None,
        priority: int | None = None,
    ) -> Result: ...

class Huey:
    immediate: bool
    def task(
        self,
        retries: int = 0,
        retry_delay: int = 0,
        priority: int | None = None,
        context: bool = False,
        name: str | None = None,
        expires: datetime | timedelta | float | None = None,
    ) -> Callable[[Callable[_P, _R]], TaskWrapper[_P, _R]]: ...
    def periodic_task(
        self,
        validate_datetime: _IsDue,
        retries: int = 0,
        retry_delay: int = 0,
        priority: int | None = None,
        context: bool = False,
        name: str | None = None,
        expires: datetime | timedelta | float | None = None,
    ) -> Callable[[Callable[_P, _R]], TaskWrapper[_P, _R]]: ...
    def on_startup(self, name: str | None = None) -> Callable[[_CallableT], _CallableT]: ...
    def on_shutdown(self, name: str | None = None) -> Callable[[_CallableT], _CallableT]: ...
    def signal(self, *signals: str) -> Callable[[_CallableT], _CallableT]: ...
    def pending_count(self) -> int: ...
    def scheduled_count(self) -> int: ...
    def put(self, key: str, data: object) -> bool: ...

class SqliteHuey(Huey):
    def __init__(self, name: str = "huey", *, filename: str, serializer: Serializer, timeout: float = 5) -> None: ...

class PostgresHuey(Huey):
    def __init__(self, name: str = "huey", *, dsn: str, serializer: Serializer, connect_timeout: int) -> None: ...
