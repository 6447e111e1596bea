"""Small files as excerpts, the way the product reads them."""

from core.evidence import ReferenceExcerpt
from retrieval.markdown import markdown_passages
from retrieval.yaml_passages import yaml_passages


def policy(text: str, source: str = "policy_v2") -> ReferenceExcerpt:
    """A Markdown text as the excerpt of a policy, whole."""
    return ReferenceExcerpt(
        source=source, path=f"policies/{source}.md", query=None, passages=markdown_passages(text), truncated=False
    )


def config(text: str, source: str = "oncall_rota") -> ReferenceExcerpt:
    """A YAML text as the excerpt of a config, whole."""
    return ReferenceExcerpt(
        source=source, path=f"configs/{source}.yaml", query=None, passages=yaml_passages(text)[0], truncated=False
    )
