"""Policies, documents and configurations, rendered from the templates with the facts of the scenario."""

from datetime import date, datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from company_details.generator import history, incidents, policy, services
from company_details.generator.logs.bursts import HOSTILE_LINE
from company_details.generator.people import BY_NAME, PEOPLE, TEAM_BY_NAME, TEAMS, Person, Team
from company_details.generator.rota import shift
from company_details.generator.scenario import COMPANY, JIRA_BASE_URL, clock
from company_details.generator.tickets.checkout_timeouts import HOSTILE_TICKET
from company_details.generator.tickets.model import PROJECTS, Numbering

TEMPLATES = Path(__file__).parent / "templates"
COMMANDERS = (
    "Inês Carvalho",
    "Hannah Lindqvist",
    "Daniel Okonkwo",
    "Diego Villanueva",
    "Tomasz Wieczorek",
    "Leila Haddad",
)
PURPOSES = {
    "PLAT": ("Inês Carvalho", "edge, deploy pipeline and checkout development"),
    "PAY": ("Daniel Okonkwo", "payments and billing development"),
    "DISC": ("Diego Villanueva", "catalogue, search and inventory development"),
    "IDN": ("Anneliese Brandt", "sign-in, tokens and the session cache"),
    "MSG": ("Beatriz Nogueira", "notifications and webhooks"),
    "DATA": ("Viktor Horvat", "orders database, reports and exports"),
}


def _team_of(service: services.Service) -> Team:
    return TEAM_BY_NAME[service.team]


def _lead(team: str) -> str:
    return TEAM_BY_NAME[team].lead


def _escalation(team: str) -> str:
    return TEAM_BY_NAME[team].escalation


def _day(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d")


def _duration(moment: datetime, later: datetime) -> int:
    return int((later - moment).total_seconds() // 60)


def _facts(numbering: Numbering) -> dict[str, object]:
    projects = [
        {"key": key, "name": PROJECTS[key][1], "lead": lead, "purpose": purpose}
        for key, (lead, purpose) in PURPOSES.items()
    ]
    return {
        "company": COMPANY,
        "jira": JIRA_BASE_URL,
        "head": "Margarida Antunes",
        "v1": policy.V1,
        "v2": policy.V2,
        "unowned_p1": policy.UNOWNED_P1,
        "unowned_p2": policy.UNOWNED_P2,
        "assignee_minutes": 30,
        "differences": policy.DIFFERENCES,
        "commanders": COMMANDERS,
        "projects": projects,
        "people": PEOPLE,
        "teams": TEAMS,
        "services": services.SERVICES,
        "service": services.BY_NAME,
        "externals": services.EXTERNAL,
        "callers_of": services.callers_of,
        "team": _team_of,
        "lead": _lead,
        "escalation": _escalation,
        "person": _person,
        "key": numbering.key,
        "week": incidents.BY_SLUG,
        "incidents": incidents.INCIDENTS,
        "week_shift": shift("platform", date(2026, 2, 16)),
        "week_before": shift("platform", date(2026, 2, 9)),
        "hostile_line": HOSTILE_LINE,
        "hostile_ticket": HOSTILE_TICKET,
        "past": history.BY_SLUG,
        "duration": _duration,
    }


def _person(name: str) -> str:
    """The name itself; fails for somebody who does not work here."""
    person: Person = BY_NAME[name]
    return person.name


def _environment(*, configs: bool) -> Environment:
    """Configurations use `[= =]`, since workflows and Slack patterns are full of braces."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=False,  # noqa: S701 - Markdown and YAML, never HTML
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        variable_start_string="[=" if configs else "{{",
        variable_end_string="=]" if configs else "}}",
        block_start_string="[%" if configs else "{%",
        block_end_string="%]" if configs else "%}",
    )
    environment.filters.update(clock=clock, day=_day)
    return environment


def documents(numbering: Numbering) -> dict[str, str]:
    """Every rendered text by its path inside the pack."""
    facts = _facts(numbering)
    rendered: dict[str, str] = {}
    for folder in ("policies", "docs", "configs"):
        environment = _environment(configs=folder == "configs")
        for path in sorted((TEMPLATES / folder).glob("*.j2")):
            name = path.name.removesuffix(".j2")
            if name.startswith("_"):
                continue
            rendered[f"{folder}/{name}"] = environment.get_template(f"{folder}/{path.name}").render(facts)
    return rendered


def readme(numbering: Numbering) -> str:
    """The generator's own page, with the figures of this build."""
    return _environment(configs=False).get_template("README.md.j2").render(_facts(numbering))
