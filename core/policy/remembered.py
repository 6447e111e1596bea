"""Readings of files that run after run brings in alike: read anew only when their words change."""

from collections import OrderedDict
from collections.abc import Callable, Hashable

from core.evidence.reference import ReferenceExcerpt

type _Key = tuple[str, str, tuple[tuple[int, str], ...], tuple[Hashable, ...]]


class Remembered[T, *More]:
    """A pure reading of an excerpt that keeps the results of the last `size` different ones; they must be immutable.

    What else the reading needs must be hashable: it is part of what tells one reading from another.
    """

    def __init__(self, read: Callable[[ReferenceExcerpt, *More], T], *, size: int = 16) -> None:
        self._read = read
        self._size = size
        self._kept: OrderedDict[_Key, T] = OrderedDict()

    def __call__(self, excerpt: ReferenceExcerpt, *more: *More) -> T:
        words = tuple((passage.start_line, passage.text) for passage in excerpt.passages)
        key = (excerpt.source, excerpt.path, words, more)
        if key in self._kept:
            self._kept.move_to_end(key)
        else:
            self._kept[key] = self._read(excerpt, *more)
            if len(self._kept) > self._size:
                self._kept.popitem(last=False)
        return self._kept[key]
