"""Cells of tables that people open with a spreadsheet, which runs some texts as formulas."""

from __future__ import annotations

#: What makes a spreadsheet take a text for a formula, in the wide forms of East Asian keyboards too:
#: <https://owasp.org/www-community/attacks/CSV_Injection>.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def harmless(text: str) -> str:
    """A text that no spreadsheet runs: one that begins like a formula gets an apostrophe before it, which
    spreadsheets don't show.

    >>> harmless('=HYPERLINK("http://x")'), harmless("Almaty")
    ('\'=HYPERLINK("http://x")', 'Almaty')
    """
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) else text
