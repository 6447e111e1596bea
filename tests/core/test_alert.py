import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from core.alert import MAX_KEY_CHARS, Alert, AlertStatus, fingerprint, group_key


def test_the_group_key_ignores_case_spacing_and_empty_parts() -> None:
    assert group_key("zabbix", ["Disk  Full", "", "DB-1"]) == group_key("zabbix", ["disk full", "db-1"])


def test_alerts_of_two_vendors_or_names_have_two_keys() -> None:
    keys = {group_key(vendor, [name]) for vendor in ("a", "b") for name in ("x", "y")}
    assert len(keys) == 4


@given(st.text(max_size=2_000), st.text(max_size=2_000))
def test_long_keys_are_cut_and_stay_apart(one: str, other: str) -> None:
    head = "x" * MAX_KEY_CHARS
    first, second = group_key("v", [head + one]), group_key("v", [head + other])
    assert len(first) <= MAX_KEY_CHARS
    assert (first == second) == (
        " ".join((head + one).casefold().split()) == " ".join((head + other).casefold().split())
    )


def test_a_fingerprint_changes_with_key_state_and_words_and_not_with_spacing() -> None:
    base = fingerprint("k", AlertStatus.FIRING, "cpu at 90 %")
    assert base == fingerprint("k", AlertStatus.FIRING, " cpu  at 90 %\n")
    assert base != fingerprint("k2", AlertStatus.FIRING, "cpu at 90 %")
    assert base != fingerprint("k", AlertStatus.RESOLVED, "cpu at 90 %")
    assert base != fingerprint("k", AlertStatus.FIRING, "cpu at 91 %")


def test_an_alert_has_a_title_and_no_unknown_fields() -> None:
    with pytest.raises(ValidationError):
        Alert(vendor="v", status=AlertStatus.FIRING, title="", group_key="k", fingerprint="f")
    with pytest.raises(ValidationError):
        Alert.model_validate({"vendor": "v", "status": AlertStatus.FIRING, "title": "t", "group_key": "k", "x": 1})


def test_an_alert_survives_a_trip_through_json() -> None:
    alert = Alert(vendor="v", status=AlertStatus.FIRING, title="t", labels={"a": "b"}, group_key="k", fingerprint="f")
    assert Alert.model_validate_json(alert.model_dump_json()) == alert
