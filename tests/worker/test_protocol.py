"""Messages between front and worker."""

from __future__ import annotations

import pytest

from netadvise.errors import TargetError
from netadvise.worker.protocol import Progress, Request, Response, decode_answer, decode_request, encode

MESSAGES = [
    Response(),
    Response(profile={"layers": [{"kernel_size": [3, 3]}]}, graph="{}"),
    Response(error=TargetError("no such name", where="a.py:3", notes=("> x",), hint="look").to_json(), traceback="T"),
    Progress("measuring"),
]


@pytest.mark.parametrize("line", [b"", b"noise\n", b'{"phase": "dancing"}\n', b'{"version": 99, "target": "x"}\n'])
def test_what_is_no_message_is_refused(line: bytes) -> None:
    with pytest.raises(ValueError):
        decode_request(line)
    with pytest.raises(ValueError):
        decode_answer(line)


@pytest.mark.parametrize("message", MESSAGES)
def test_an_answer_comes_back(message: Response | Progress) -> None:
    assert decode_answer(encode(message)) == message


def test_a_request_comes_back() -> None:
    request = Request(
        target="a.py:Net", inputs=("1,3",), arguments=("k=v",), mode="train", graph=True, timeout=2.5, memory=0
    )
    assert decode_request(encode(request)) == request


def test_a_message_is_one_line_whatever_it_holds() -> None:
    assert encode(Response(traceback="a\nb\r\u2028")).count(b"\n") == 1
