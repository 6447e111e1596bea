"""What happened in the observed week, minute by minute."""

from company_details.generator.incidents.midweek import LEAK, POOL, PROVIDER, SLOW_QUERY
from company_details.generator.incidents.model import Effect, Incident
from company_details.generator.incidents.weekend import (
    BAD_DEPLOY,
    BLIP,
    CERTIFICATE,
    SHORT_REGRESSION,
    STAMPEDE,
    SURGE,
)

INCIDENTS: tuple[Incident, ...] = (
    POOL,
    PROVIDER,
    LEAK,
    SLOW_QUERY,
    BAD_DEPLOY,
    STAMPEDE,
    CERTIFICATE,
    SHORT_REGRESSION,
    SURGE,
)
BY_SLUG = {incident.slug: incident for incident in INCIDENTS}
EFFECTS: tuple[Effect, ...] = (*(effect for incident in INCIDENTS for effect in incident.effects), *BLIP)
