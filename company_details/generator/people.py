"""Who works at Larkfield, and in which team."""

import unicodedata
from dataclasses import dataclass

from company_details.generator.scenario import DOMAIN, stream


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    role: str
    team: str
    office: str

    @property
    def handle(self) -> str:
        """The ASCII name used for mail and chat: `ines.carvalho`."""
        folded = unicodedata.normalize("NFKD", self.name).encode("ascii", "ignore").decode().lower()
        return folded.replace(" ", ".").replace("'", "")

    @property
    def email(self) -> str:
        return f"{self.handle}@{DOMAIN}"

    @property
    def account_id(self) -> str:
        """A Jira account id: 24 hexadecimal digits, the same in every build."""
        return f"{stream('account', self.name).getrandbits(96):024x}"

    @property
    def slack_id(self) -> str:
        """A Slack member id, `U` and ten characters."""
        dice = stream("slack", self.name)
        return "U0" + "".join(dice.choice("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789") for _ in range(9))


@dataclass(frozen=True, slots=True)
class Team:
    name: str
    lead: str
    escalation: str
    channel: str
    project: str
    mission: str


PEOPLE: tuple[Person, ...] = (
    Person("Margarida Antunes", "Head of Engineering", "Leadership", "Lisbon"),
    Person("Stephen Oyelaran", "CTO", "Leadership", "Toronto"),
    Person("Rebecca Lavoie", "VP Customer Success", "Customer Success", "Toronto"),
    Person("Joana Pires", "Support Lead", "Customer Success", "Lisbon"),
    Person("Ravi Subramaniam", "Security and Compliance Lead", "Security", "Toronto"),
    Person("Inês Carvalho", "Engineering Manager", "Platform", "Lisbon"),
    Person("Tomasz Wieczorek", "Staff Engineer", "Platform", "Lisbon"),
    Person("Priya Raghunathan", "Senior SRE", "Platform", "Toronto"),
    Person("Olufemi Adeyemi", "SRE", "Platform", "Lisbon"),
    Person("Hannah Lindqvist", "Engineering Manager", "Checkout", "Lisbon"),
    Person("Kwame Boateng", "Senior Engineer", "Checkout", "Toronto"),
    Person("Yuki Tanabe", "Engineer", "Checkout", "Toronto"),
    Person("Sofia Marques", "Engineer", "Checkout", "Lisbon"),
    Person("Daniel Okonkwo", "Engineering Manager", "Payments", "Toronto"),
    Person("Leila Haddad", "Senior Engineer", "Payments", "Lisbon"),
    Person("Marc-André Gagnon", "Engineer", "Payments", "Toronto"),
    Person("Anneliese Brandt", "Engineering Manager", "Identity", "Lisbon"),
    Person("Rui Tavares", "Senior Engineer", "Identity", "Lisbon"),
    Person("Nasrin Jahan", "Engineer", "Identity", "Toronto"),
    Person("Diego Villanueva", "Engineering Manager", "Discovery", "Lisbon"),
    Person("Chloé Tremblay", "Engineer", "Discovery", "Toronto"),
    Person("Arjun Menon", "Senior Engineer", "Discovery", "Lisbon"),
    Person("Beatriz Nogueira", "Engineering Manager", "Messaging", "Lisbon"),
    Person("Samir Khoury", "Senior Engineer", "Messaging", "Toronto"),
    Person("Grace Achieng", "Engineer", "Messaging", "Lisbon"),
    Person("Viktor Horvat", "Engineering Manager", "Data", "Lisbon"),
    Person("Mei-Ling Chow", "Database Engineer", "Data", "Toronto"),
    Person("Patrícia Sousa", "Data Engineer", "Data", "Lisbon"),
)

TEAMS: tuple[Team, ...] = (
    Team(
        "Platform",
        "Inês Carvalho",
        "Tomasz Wieczorek",
        "#team-platform",
        "PLAT",
        "the edge, the deploy pipeline, observability and the on-call practice",
    ),
    Team(
        "Checkout",
        "Hannah Lindqvist",
        "Kwame Boateng",
        "#team-checkout",
        "PLAT",
        "everything between a basket and a placed order, above all the public Checkout API",
    ),
    Team(
        "Payments",
        "Daniel Okonkwo",
        "Leila Haddad",
        "#team-payments",
        "PAY",
        "authorisation, capture, refunds, invoices and the contract with PayBridge",
    ),
    Team(
        "Identity",
        "Anneliese Brandt",
        "Rui Tavares",
        "#team-identity",
        "IDN",
        "sign-in, tokens, single sign-on and the session cache",
    ),
    Team(
        "Discovery",
        "Diego Villanueva",
        "Arjun Menon",
        "#team-discovery",
        "DISC",
        "catalogue, search and stock levels",
    ),
    Team(
        "Messaging",
        "Beatriz Nogueira",
        "Samir Khoury",
        "#team-messaging",
        "MSG",
        "e-mail, SMS and the webhooks that customers build on",
    ),
    Team(
        "Data",
        "Viktor Horvat",
        "Mei-Ling Chow",
        "#team-data",
        "DATA",
        "the orders database, replicas, reports and exports",
    ),
)

BOT = Person("Alert Bridge", "Integration", "Platform", "Lisbon")
BY_NAME = {person.name: person for person in (*PEOPLE, BOT)}
TEAM_BY_NAME = {team.name: team for team in TEAMS}


def members_of(team: str) -> tuple[Person, ...]:
    """The people of one team, the lead first."""
    return tuple(person for person in PEOPLE if person.team == team)
