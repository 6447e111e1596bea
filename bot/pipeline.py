from core.composer import compose
from core.errors import ToolError
from core.evidence import Passage
from core.landscape import Landscape, read_project_keys, read_services
from core.pipeline import Pipeline
from core.planners.rules import RulePlanner
from core.policy.scale_reading import read_scale
from core.ports import Clock, Toolbox
from core.verifier import verify
from retrieval.reference_files import CompanyReferenceFiles

_TRACKER_CONFIG = "jira_config"


def build_pipeline(references: CompanyReferenceFiles, toolbox: Toolbox, clock: Clock) -> Pipeline:
    """The deterministic pipeline over a company's files, which it reads once, here: blocking."""
    return Pipeline(
        planner=RulePlanner(read_landscape(references)),
        toolbox=toolbox,
        composer=compose,
        verifier=verify,
        clock=clock,
    )


def read_landscape(references: CompanyReferenceFiles) -> Landscape:
    """What the files say of services and projects; what is missing or unreadable leaves its part of it empty."""
    documents = [passage for document in references.documents() for passage in document.passages]
    tracker = _passages(references, _TRACKER_CONFIG)
    return Landscape(
        services=read_services(documents),
        project_keys=read_project_keys(tracker),
        sources=references.sources,
        severities=read_scale(_policy(references), tracker),
    )


def _policy(references: CompanyReferenceFiles) -> tuple[Passage, ...]:
    """The newest edition of the policy that can be read; their names sort by version."""
    editions = sorted((source for source in references.sources if source.startswith("policy")), reverse=True)
    return next((found for source in editions if (found := _passages(references, source))), ())


def _passages(references: CompanyReferenceFiles, source: str) -> tuple[Passage, ...]:
    try:
        return references.passages(source)
    except ToolError:  # a task that needs the file is told so by the tool that reads it
        return ()
