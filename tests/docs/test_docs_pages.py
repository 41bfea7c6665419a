"""How pages are read and filled."""

from __future__ import annotations

import pytest
from pages import anchors, blocks, filled, links, parts_of

PAGE = """\
# A page

See [the log](other.md#the-log) and [the API](#get-apicalls).

<!-- generated: one -->
old
<!-- end -->

## `GET /api/calls`

```python
# no heading
[no](link.md)
```
"""


def test_only_what_stands_between_the_markers_is_made_anew() -> None:
    page = filled(PAGE, {"one": lambda text: f"new, of {len(text)} characters\n"})
    made = f"<!-- generated: one -->\nnew, of {len(PAGE)} characters\n<!-- end -->"
    assert page == PAGE.replace("<!-- generated: one -->\nold\n<!-- end -->", made)
    assert filled(page, {"one": lambda _: "old"}) == PAGE


def test_a_part_that_nothing_makes_is_an_error() -> None:
    assert parts_of(PAGE) == ["one"]
    with pytest.raises(KeyError, match="one"):
        filled(PAGE, {})


def test_code_is_neither_heading_nor_link() -> None:
    assert anchors(PAGE) == {"a-page", "get-apicalls"}
    assert links(PAGE) == ["other.md#the-log", "#get-apicalls"]


def test_a_block_knows_where_it_stands() -> None:
    (block,) = blocks(PAGE)
    assert (block.language, block.heading, block.line) == ("python", "`GET /api/calls`", 12)
    assert block.text == "# no heading\n[no](link.md)\n"
