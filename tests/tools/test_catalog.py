from importlib import import_module
from pathlib import Path

from tests.tools.fakes import sources
from tools import catalog
from tools.registry import CallLimits, Registry


def test_every_module_that_defines_a_tool_is_listed_under_its_own_name() -> None:
    folder = Path(catalog.__file__).parent
    modules = [import_module(f"tools.{path.stem}") for path in folder.glob("*.py") if path.stem != "__init__"]
    defining = {module.__name__.removeprefix("tools."): module.TOOL for module in modules if hasattr(module, "TOOL")}
    assert {tool.name: tool for tool in catalog.TOOLS} == defining
    assert len(catalog.TOOLS) == len(defining)


def test_the_schemas_refuse_what_is_unknown_and_need_no_company() -> None:
    for description in Registry(catalog.TOOLS, sources(), CallLimits()).describe():
        assert description.input_schema["additionalProperties"] is False
        assert description.description.endswith(".")
        assert description.output_schema["type"] == "object"
