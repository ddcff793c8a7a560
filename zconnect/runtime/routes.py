"""Which operation a request means; a path that nobody answers for is an operation, too, so that it is guarded like the rest."""

from collections.abc import Iterable

from zconnect.messages import error
from zconnect.roles import Managed
from zconnect.runtime.operation import Operation
from zconnect.values import Request

SAME_PATH = error(
    "ZCON0701E",
    "{first} and {second} both answer for the path {pattern}.",
    "Give one of them another context root, invokeURI or name.",
)


class Routes:
    """The operations of a runtime by path: exact first, then the longest beginning."""

    def __init__(self, operations: Iterable[Operation], unmatched: Operation) -> None:
        self._exact: dict[str, Operation] = {}
        self._beginning: dict[str, Operation] = {}
        self._unmatched = unmatched
        self._lengths: tuple[int, ...] = ()
        for operation in operations:
            self._add(operation)
        self._lengths = tuple(sorted({len(beginning) for beginning in self._beginning}, reverse=True))

    def _add(self, operation: Operation) -> None:
        pattern = operation.pattern
        if pattern.endswith("/*"):
            self._exact.setdefault(pattern[:-2] or "/", operation)
        where, key = (self._beginning, pattern[:-1]) if pattern.endswith("*") else (self._exact, pattern)
        where[key] = operation

    def knows(self, request: Request) -> bool:
        """Whether a path means something here; where strangers are not told that one does not, all do."""
        found = self.match(request)
        return found is not self._unmatched or isinstance(found.offer.protection, Managed)

    def match(self, request: Request) -> Operation:
        """The operation that a request means; never fails."""
        path = request.path
        found = self._exact.get(path)
        if found is not None:
            return found
        for length in self._lengths:
            found = self._beginning.get(path[:length])
            if found is not None:
                return found
        return self._unmatched
