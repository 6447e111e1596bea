"""The OpenAPI document: FastAPI's own, plus the bodies that orch parses itself."""

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from bot.api.bodies import CancelBody, FeedbackBody, RunBody, TaskBody
from bot.api.problems import Problem

_TEMPLATE = "#/components/schemas/{model}"


def body_of(model: type[BaseModel], *, required: bool) -> dict[str, Any]:
    """`openapi_extra` of a route whose body is the model."""
    reference = {"$ref": _TEMPLATE.format(model=model.__name__)}
    content: dict[str, Any] = {"schema": reference}
    examples = model.model_config.get("json_schema_extra")
    if isinstance(examples, dict) and "examples" in examples:
        content["example"] = examples["examples"][0]  # type: ignore[index, call-overload] -- set in bodies.py
    return {"requestBody": {"required": required, "content": {"application/json": content}}}


def add_schemas(app: FastAPI) -> None:
    """Describe the models that routes refer to by name."""
    generate = app.openapi
    _, definitions = models_json_schema(
        [(model, "validation") for model in (TaskBody, RunBody, CancelBody, FeedbackBody, Problem)],
        ref_template=_TEMPLATE,
    )

    def openapi() -> dict[str, Any]:
        document = generate()
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        for name, schema in definitions["$defs"].items():
            schemas.setdefault(name, schema)
        _forget_frameworks_errors(document)
        return document

    app.openapi = openapi


def _forget_frameworks_errors(document: dict[str, Any]) -> None:
    """FastAPI describes a 422 of its own shape wherever there is a parameter; ours are problem documents."""
    for name in ("HTTPValidationError", "ValidationError"):
        document["components"]["schemas"].pop(name, None)
    for path in document["paths"].values():
        for operation in path.values():
            content = operation["responses"].get("422", {}).get("content", {})
            if "HTTPValidationError" in str(content.get("application/json")):
                del operation["responses"]["422"]
