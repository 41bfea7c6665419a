"""Links lead somewhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from pages import ROOT, anchors, links, pages


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_each_relative_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    for target in links(page.read_text()):
        if "://" in target or target.startswith("mailto:"):
            continue
        path, _, anchor = target.partition("#")
        to = (page.parent / path).resolve() if path else page
        assert to.is_relative_to(ROOT), f"{page.name}: {target} leads out of the project"
        assert to.exists(), f"{page.name}: {target} leads to no file"
        if anchor:
            assert anchor in anchors(to.read_text()), f"{page.name}: {target} leads to no heading"


def test_each_page_of_the_docs_is_linked_from_another() -> None:
    linked = {
        (page.parent / target.partition("#")[0]).resolve()
        for page in pages()
        for target in links(page.read_text())
        if "://" not in target and not target.startswith("#")
    }
    alone = [page.name for page in pages() if page.name != "README.md" and page not in linked]
    if (ROOT / "README.md").is_file():
        assert alone == [], "Link them from README.md or another page."
