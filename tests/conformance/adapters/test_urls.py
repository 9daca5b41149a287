"""Addresses as browsers read them."""

import pytest
from sessionproof.conformance.adapters.urls import Origin, resolve


@pytest.mark.parametrize(
    ("reference", "address"),
    [
        ("/cb?a=1#f", "https://as.test/cb?a=1#f"),
        ("next", "https://as.test/a/next"),
        ("?q=2", "https://as.test/a/b?q=2"),
        ("", "https://as.test/a/b?q=1"),
        ("//evil.test/x", "https://evil.test/x"),
        ("///evil.test/x", "https://evil.test/x"),
        ("/\\evil.test/x", "https://evil.test/x"),
        ("\\\\evil.test", "https://evil.test"),
        ("https:/evil", "https://as.test/evil"),
        ("http:/evil.test/", "http://evil.test/"),
        ("HTTP://evil.test", "http://evil.test"),
        ("https:///evil.test", "https://evil.test"),
        (" \t/\n/evil.test ", "https://evil.test"),
        ("/ok?back=\\\\x", "https://as.test/ok?back=\\\\x"),
        ("myapp://callback?code=1", "myapp://callback?code=1"),
    ],
)
def test_references_are_read_as_browsers_read_them(reference: str, address: str) -> None:
    assert resolve("https://as.test/a/b?q=1#old", reference) == address


def test_origins() -> None:
    assert str(Origin.of("HTTP://As.Test:80/x")) == "http://as.test"
    assert str(Origin.of("http://[::1]:8080/")) == "http://[::1]:8080"
    assert Origin.of("http://user@as.test@evil.test/").host == "evil.test"
    assert Origin.of("https://a.shop.example.com").site == Origin.of("https://b.example.com").site
    assert Origin.of("http://127.0.0.1").site != Origin.of("http://127.0.0.2").site
    assert Origin.of("http://a.test").site != Origin.of("https://a.test").site
    for wrong in ("shop.test", "mailto:a@b", "http://", "http://a:99999/", "http://[::1", ""):
        with pytest.raises(ValueError, match="address"):
            Origin.of(wrong)
