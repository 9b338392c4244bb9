"""Mobile numbers as people write them, and the one spelling that is kept. Knows no user.

A Chinese number has 11 digits and begins with 13 to 19 (the numbering plan of the public network); it is kept without
its country code, as its owner types it. A number of another country is kept as ITU-T E.164 has it: ``+``, country code
and number, at most 15 digits.
"""

from __future__ import annotations

import re
import unicodedata

# What stands between the digits: blanks, hyphens and dashes, dots, slashes, brackets; (0) is dialled at home only.
SEPARATORS = re.compile(r"\(0\)|[\s\-\u2010-\u2015\u2212.·/()]")
CHINESE = re.compile(r"(?:(?:\+|00)?86)?(1[3-9]\d{9})", re.ASCII)
FOREIGN = re.compile(r"(?:\+|00)([1-9]\d{7,14})", re.ASCII)
CHINA = "86"
# A login that can only have been meant as a number: with a country code, or about as long as a Chinese number.
MEANT = re.compile(r"\+\d+|00\d{8,}|(?:86)?1\d{9,11}", re.ASCII)


def normalized(text: object) -> str | None:
    """The one spelling of a mobile number.

    >>> normalized("+86 138-1234-5678"), normalized("１３８ １２３４ ５６７８"), normalized("0049 (0)151 1234 5678")
    ('13812345678', '13812345678', '+4915112345678')
    >>> normalized("+86 10 6552 9988"), normalized("4915112345678"), normalized("clerk@example.com")
    (None, None, None)

    :param text: what somebody typed
    :return: None when it is no mobile number
    """
    digits = _without_separators(text)
    if chinese := CHINESE.fullmatch(digits):
        return chinese[1]
    foreign = FOREIGN.fullmatch(digits)
    return f"+{foreign[1]}" if foreign and not foreign[1].startswith(CHINA) else None


def is_meant(text: object) -> bool:
    """Whether a login is meant as a mobile number, right or wrong; a staff number such as 1001 is not.

    >>> is_meant("138 1234 567"), is_meant("+49 151"), is_meant("1001"), is_meant("20230001"), is_meant("clerk")
    (True, True, False, False, False)
    """
    return bool(MEANT.fullmatch(_without_separators(text)))


def _without_separators(text: object) -> str:
    return SEPARATORS.sub("", unicodedata.normalize("NFKC", text)) if isinstance(text, str) else ""
