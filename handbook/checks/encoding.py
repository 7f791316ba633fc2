"""Texts are UTF-8: where one is not, its first wrong byte, and the letter that was most likely meant."""

from __future__ import annotations


def fault(data: bytes) -> tuple[int, int, str] | None:
    """Line, column and message of the first byte that is not UTF-8; None where there is none."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            return 1, 1, "the file is UTF-16; save it as UTF-8"
        start = data.rfind(b"\n", 0, error.start) + 1
        column = len(data[start : error.start].decode("utf-8", "replace")) + 1
        letter = data[error.start : error.start + 1].decode("cp1252", "replace")
        meant = f" (in Windows-1252 it is '{letter}')" if letter.isalpha() else ""
        message = f"byte 0x{data[error.start]:02X} is not UTF-8{meant}; save the file as UTF-8"
        return data.count(b"\n", 0, error.start) + 1, column, message
    return None
