import pytest
import yaml

from bot.clients.severity_field import find_severity_field

FIELD = "customfield_10041"


@pytest.mark.parametrize(
    "config",
    [
        "severity: {field: customfield_10041, values: [P1]}",
        "severity_field: customfield_10041",
        "jira: {custom_fields: {team: customfield_1, Severity: customfield_10041}}",
        "fields: [{name: Team, id: customfield_1}, {name: Severity, id: customfield_10041}]",
        "fields: {customfield_1: Team, customfield_10041: Severity}",
        "fields: {customfield_1: {name: Team}, customfield_10041: {name: Severity level, type: option}}",
        "severity: [{id: ' customfield_10041 '}]",
        "customfields: {incident_severity: {cloud: {id: customfield_10041}}}",
        "a: customfield_1\nseverity: customfield_10041\nb: customfield_2",
    ],
)
def test_the_field_is_found_however_the_config_names_it(config: str) -> None:
    assert find_severity_field(yaml.safe_load(config)) == FIELD


@pytest.mark.parametrize(
    "config",
    [
        "",
        "severity: {values: [P1, P2]}",
        "team: customfield_10041",
        "severity: customfield_x",
        "severity: see customfield_10041",
        "fields: [{name: Team, note: not the severity, id: customfield_1}]",
        "fields: {customfield_1: Team}",
        "- 5",
        "severity: 10041",
    ],
)
def test_a_config_that_names_none_has_none(config: str) -> None:
    assert find_severity_field(yaml.safe_load(config)) is None
