from core.evidence import ReferenceExcerpt
from core.policy.remembered import Remembered
from tests.core.excerpts import policy


def test_a_file_is_read_anew_only_when_its_words_change() -> None:
    read: list[str] = []

    def reading(excerpt: ReferenceExcerpt) -> int:
        read.append(excerpt.source)
        return len(excerpt.passages)

    remembered = Remembered(reading, size=2)
    first, second = policy("- a\n- b\n"), policy("- a\n- c\n- d\n")
    assert [remembered(item) for item in (first, policy("- a\n- b\n"), second, first)] == [2, 2, 3, 2]
    assert len(read) == 2
    remembered(policy("- e\n"))
    remembered(policy("- f\n"))
    remembered(first)
    assert len(read) == 5, "only the last two were kept"
