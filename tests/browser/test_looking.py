"""What looks at pages sees what is wrong with them, in each light, with and without script."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.site import Screen, Site

# To be read in the light alone.
PAGE = """<!DOCTYPE html><html lang="en"><head><title>A page</title><style>
@media (prefers-color-scheme: dark) { p { color: #333; background: #000 } }
</style></head><body><main><h1>A page</h1><p>What nobody can read in the dark.</p></main></body></html>"""


@pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])
def test_what_is_wrong_in_one_light_alone_is_found(
    screen: Callable[..., Screen], still_site: Site, javascript: bool
) -> None:
    window = screen(still_site, javascript=javascript)
    window.page.route("**/page", lambda route: route.fulfill(body=PAGE, content_type="text/html"))
    window.page.goto("/page")
    window.ask_axe()
    window.turn_to(width=375, scheme="dark")
    assert window.name.startswith("375-dark")
    assert window.name.endswith("-without-script") == (not javascript)
    with pytest.raises(AssertionError, match="color-contrast"):
        window.ask_axe()
