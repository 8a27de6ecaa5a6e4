"""Phone numbers as people write them: one number among other words, as digits."""

import re

from scheduler.words import plain_signs

_AREA_CODE = re.compile(r"^0(?:10|2\d|[3-9]\d{2})(?=[2-8]\d{6,7}$)")
_QUOTES = re.compile(r"^[\s\"'`“”‘’<\[【|∣]+|[\s\"'`“”‘’>\]】|∣]+$")
_LABEL = r"(?:(?:联系|移动)?电话|联系方式|手机|座机|固话)号?码?[.:\s]*|(?:tel|phone|mobile|m)[.:\s]+"
_AROUND = re.compile(rf"^(?:{_LABEL})|[、,;/|转\s]+$", re.IGNORECASE)
_EXTENSION = re.compile(r"\s*[,(]?\s*(?:-|转|#|\*|分机|ext\.?|x)[:号\s]*\d{1,6}\)?", re.IGNORECASE)
_NUMBER = re.compile(r"1[3-9]\d{9}|0(?:10|2\d)\d{7,8}|0[3-9]\d{2}\d{7,8}|[2-8]\d{6,7}|[48]00\d{7}")


def first_number(text: str) -> tuple[str, str]:
    """The first number as digits, and the whole text if it says more: an extension, another number, whose it is.

    The number is empty if there is none, or if further digits are neither an extension nor a number.
    """
    text = _AROUND.sub("", _QUOTES.sub("", plain_signs(text)))
    if number := _phone_digits(text):
        return number, ""
    for cut in re.finditer(r"[、,;/\\|(\n#*&+]|-(?=\d{1,5}\D*$)|转|分机|ext|x|或|和|及|\s+", text, re.IGNORECASE):
        number, rest = _phone_digits(text[: cut.start()]), text[cut.start() :]
        if number and (_EXTENSION.fullmatch(rest) or not re.search(r"\d", rest) or first_number(_bare(rest))[0]):
            return number, text
    whose = re.match(r"[^\d+]*[^\d+a-z]", text, re.IGNORECASE)
    return (first_number(text[whose.end() :])[0] if whose else ""), text


def without_area_code(number: str) -> str:
    """A landline without its area code, which people leave out at home; only for comparing."""
    return _AREA_CODE.sub("", number)


def _bare(text: str) -> str:
    """A text from its first digit on, without the bracket that closes it."""
    return re.sub(r"^[^\d+]*|\)[^\d]*$", "", text)


def _phone_digits(text: str) -> str:
    """The digits of one number without +86 and the like, "" if it is none."""
    digits = re.sub(r"[\s\-()·_.'’\"]", "", re.sub(r"\.0+$", "", text))
    abroad = re.match(r"(?:\+|00)86(?=\d)|86(?=0?1[3-9]\d{9}$|0\d{9}|[2-9]\d{9,10}$)", digits)
    if abroad:
        digits = digits[abroad.end() :]
        if re.fullmatch(r"(?:10|2\d|[3-9]\d{2})\d{7,8}", digits) and not _NUMBER.fullmatch(digits):
            digits = f"0{digits}"  # dialled from abroad, an area code loses its 0
    digits = re.sub(r"^0(?=1[3-9]\d{9}$)", "", digits)
    return digits if _NUMBER.fullmatch(digits) else ""
