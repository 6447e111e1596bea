"""Every deployment of the observed week, and which version ran when."""

from dataclasses import dataclass
from datetime import datetime

from company_details.generator.scenario import at


@dataclass(frozen=True, slots=True)
class Deploy:
    """A deployment of the week; `rolled_back_to` when `to` is an older version."""

    service: str
    frm: str
    to: str
    moment: datetime
    author: str
    rollback: bool = False


DEPLOYS: tuple[Deploy, ...] = (
    Deploy("identity-service", "5.6.3", "5.6.4", at("2026-02-11T09:40"), "Nasrin Jahan"),
    Deploy("edge-gateway", "1.44.1", "1.44.2", at("2026-02-11T13:15"), "Olufemi Adeyemi"),
    Deploy("payments-service", "3.27.0", "3.27.1", at("2026-02-11T15:30"), "Marc-André Gagnon"),
    Deploy("inventory-service", "1.33.5", "1.33.6", at("2026-02-12T10:20"), "Chloé Tremblay"),
    Deploy("saas-api", "4.17.2", "4.17.3", at("2026-02-12T13:45"), "Sofia Marques"),
    Deploy("catalog-service", "2.30.4", "2.31.0", at("2026-02-12T18:00"), "Chloé Tremblay"),
    Deploy("catalog-service", "2.31.0", "2.30.4", at("2026-02-13T09:24"), "Arjun Menon", rollback=True),
    Deploy("reporting-service", "1.7.2", "1.8.0", at("2026-02-13T11:00"), "Patrícia Sousa"),
    Deploy("notification-service", "0.47.2", "0.48.0", at("2026-02-13T13:30"), "Grace Achieng"),
    Deploy("saas-api", "4.17.3", "4.18.0", at("2026-02-14T10:02"), "Yuki Tanabe"),
    Deploy("saas-api", "4.18.0", "4.17.3", at("2026-02-14T10:20"), "Tomasz Wieczorek", rollback=True),
    Deploy("billing-service", "3.9.0", "3.9.1", at("2026-02-16T13:00"), "Marc-André Gagnon"),
    Deploy("search-service", "1.18.4", "1.19.0", at("2026-02-16T14:10"), "Arjun Menon"),
    Deploy("checkout-worker", "2.12.0", "2.12.1", at("2026-02-17T09:05"), "Kwame Boateng"),
    Deploy("catalog-service", "2.30.4", "2.31.1", at("2026-02-17T13:20"), "Chloé Tremblay"),
)


def version_at(service: str, moment: datetime, default: str) -> str:
    """The version of `service` that ran at `moment`."""
    version = default
    known = [deploy for deploy in DEPLOYS if deploy.service == service]
    if known:
        version = known[0].frm
    for deploy in known:
        if deploy.moment <= moment:
            version = deploy.to
    return version
