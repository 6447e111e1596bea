from core.composer import compose
from core.errors import ToolError
from core.evidence import Passage
from core.landscape import Landscape, read_project_keys, read_services
from core.pipeline import Pipeline
from core.planners.rules import RulePlanner
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
    return Landscape(
        services=read_services(documents),
        project_keys=read_project_keys(_passages(references, _TRACKER_CONFIG)),
        sources=references.sources,
    )


def _passages(references: CompanyReferenceFiles, source: str) -> tuple[Passage, ...]:
    try:
        return references.passages(source)
    except ToolError:  # a task that needs the file is told so by the tool that reads it
        return ()
