"""The committed documents say what the code does now."""

import json
from pathlib import Path

import pytest

from app.main import create_app
from app.operations.commands import FACES, openapi_documents

FOLDER = Path(__file__).resolve().parents[2] / "openapi"


@pytest.mark.parametrize("face", FACES)
def test_committed_document_equals_what_the_application_makes(face: str) -> None:
    committed = json.loads((FOLDER / f"{face}.json").read_text())
    assert committed == openapi_documents(create_app)[face], "run `python -m app export-openapi`"


def test_no_path_belongs_to_two_faces() -> None:
    documents = openapi_documents(create_app)
    paths = [path for document in documents.values() for path in document["paths"]]
    assert len(paths) == len(set(paths))
    assert all(document["paths"] for document in documents.values())
