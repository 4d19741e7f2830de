"""What the user's code did wrong, in one message: the line, its text, the exception, and what to do about it."""

from __future__ import annotations

import dis
import linecache
from types import TracebackType

from netadvise.capture import locate
from netadvise.errors import NetadviseError, TargetError, ValuesNeededError
from netadvise.graph import Location

_DISTRIBUTIONS = {
    "PIL": "pillow",
    "cv2": "opencv-python",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "yaml": "pyyaml",
    "lightning": "lightning",
    "pytorch_lightning": "pytorch-lightning",
    "torch_geometric": "torch-geometric",
    "segmentation_models_pytorch": "segmentation-models-pytorch",
    "mmcv": "mmcv",
}
_NETWORK_MODULES = ("urllib", "requests", "http.client", "socket", "httpx", "huggingface_hub", "httpcore")
_NETWORK_WORDS = (
    "connect to",
    "connection error",
    "max retries",
    "name resolution",
    "name or service not known",
    "outgoing traffic has been disabled",
    "localentrynotfound",
    "offline mode",
)
_META_WORDS = ("meta tensor", "on meta", "meta device", "device meta", "device(type='meta')", "on the meta", "is meta")


def chain(error: BaseException) -> list[BaseException]:
    """The error and what led to it, outermost first."""
    found: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in found:
        found.append(current)
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return found


def described(error: BaseException) -> str:
    """Type and message of an exception, on one line."""
    if isinstance(error, SystemExit):
        return f"SystemExit: the code asked Python to exit (code {error.code!r})"
    try:
        text = " ".join((error.msg if isinstance(error, SyntaxError) else str(error)).split())
    except Exception:
        text = "(its message cannot be shown)"
    text = text if len(text) <= 600 else text[:600] + " ..."
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def place_of(error: BaseException) -> tuple[str, tuple[str, ...]]:
    """`file:line` of the innermost user line of an error, and that line's text as a note; empty when there is none."""
    if isinstance(error, SyntaxError) and error.filename and error.lineno:
        where = f"{locate.short_path(error.filename)}:{error.lineno}" + (f":{error.offset}" if error.offset else "")
        return where, _quoted(error.text or linecache.getline(error.filename, error.lineno))
    frame = _own_frame(error.__traceback__)
    if frame is not None:
        filename, line = frame
        where = str(Location(locate.short_path(filename), line))
        return where, _quoted(linecache.getline(filename, line))
    found = locate.blame(error)
    return (str(found), ()) if found else ("", ())


def _own_frame(trace: TracebackType | None) -> tuple[str, int] | None:
    """The innermost frame in the user's own files, or else in the libraries that the user's code called."""
    own: tuple[str, int] | None = None
    library: tuple[str, int] | None = None
    while trace is not None:
        filename = trace.tb_frame.f_code.co_filename
        if locate.is_user_file(filename):
            library = (filename, trace.tb_lineno)
            own = own if is_library(filename) else library
        trace = trace.tb_next
    return own or library


def is_library(filename: str) -> bool:
    """Whether a file belongs to an installed package."""
    return "site-packages" in filename or "dist-packages" in filename


def _quoted(text: str) -> tuple[str, ...]:
    text = text.strip()
    return (f"> {text[:200]}",) if text else ()


def raised_on_purpose(error: BaseException) -> bool:
    """Whether a `raise` statement raised the error, and not a signal (Ctrl-C) that arrived on that line."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and trace.tb_frame.f_code.co_code[trace.tb_lasti] == dis.opmap["RAISE_VARARGS"]


def let_through(error: BaseException) -> None:
    """Raise again what is not the user's model's fault: our own errors, and Ctrl-C."""
    if isinstance(error, NetadviseError) and not isinstance(error, ValuesNeededError):
        raise error
    if isinstance(error, KeyboardInterrupt) and not raised_on_purpose(error):
        raise error


def target_error(doing: str, error: BaseException, notes: tuple[str, ...] = (), hint: str = "") -> TargetError:
    """The `TargetError` for an exception of the user's code; `doing` is the start of a sentence ("importing m.py")."""
    let_through(error)
    where, quoted = place_of(error)
    return TargetError(f"{doing}: {described(error)}", where=where, notes=(*quoted, *notes), hint=hint or advice(error))


def advice(error: BaseException) -> str:
    """What to do about an error that has a known remedy; empty otherwise."""
    if isinstance(error, ModuleNotFoundError) and error.name:
        package = error.name.partition(".")[0]
        return f"Install what provides {package!r}: pip install {_DISTRIBUTIONS.get(package, package)}"
    if any(isinstance(item, MemoryError) or "can't allocate memory" in str(item) for item in chain(error)):
        return "The code allocates more memory than there is; take a smaller configuration with --arg."
    if any("operator torchvision::" in str(item) for item in chain(error)):
        return "The installed torchvision was built for another torch; install the one that matches."
    if isinstance(error, RecursionError):
        return "The code calls itself without end at that line."
    return ""


def is_network_failure(error: BaseException) -> bool:
    """Whether the error came from trying to reach the network."""
    for item in chain(error):
        if type(item).__module__.startswith(_NETWORK_MODULES):
            return True
        if any(word in f"{type(item).__name__} {item}".lower() for word in _NETWORK_WORDS):
            return True
    return False


def needs_values(error: BaseException) -> bool:
    """Whether the error came from reading a tensor that has a shape but no values."""
    return any(
        isinstance(item, ValuesNeededError) or any(word in str(item).lower() for word in _META_WORDS)
        for item in chain(error)
    )
