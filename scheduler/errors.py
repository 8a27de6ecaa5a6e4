"""Every error a user may meet, as one tree.

YiduError
  ConfigError     config.yaml is wrong: stop at start-up
  InputError      a value that a person gave is wrong: show it beside the field
    NotFound      no such object, or not in the reader's scope
    ImportRefused the workbook or CSV cannot be read at all
  IllegalMove     the object's state forbids it: show a page, HTTP 409
  StaleWrite      somebody changed the object meanwhile: load it again, HTTP 409
    StalePlan     the week changed while it was being planned: plan again
  PlanRefused     the solver's plan failed the independent check: the old plan stands
  LostRun         another process took the run over: end quietly, it goes on there
  SolverFailed    the solving process gave no usable plan: the old plan stands
  StoreBusy       another writer held the database too long: try again, HTTP 503
  StoreUnwritable the disk is full, read-only or failing: nothing was changed, HTTP 507
  StoreDamaged    the database file cannot be read: a backup must be put back, HTTP 500
  StoreNewer      a newer Yidu has written the database: start that one, HTTP 500
  KeyWrong        the key file does not open this database: put the right one back, HTTP 500
    KeyMissing    there is no key file
  DeliveryError   a message could not be sent; permanent=True: do not try again
"""

from scheduler.localized import Localized, LocalizedText


class YiduError(Exception):
    """Base of all errors that are shown to a person: a whole sentence in both languages that says what to do.

    str() is the English one.
    """

    def __init__(self, said: Localized) -> None:
        super().__init__(said.en)
        self.said = said


def told(error: BaseException) -> Localized:
    """What went wrong in both languages; an unforeseen error is named."""
    if isinstance(error, YiduError):
        return error.said
    kind = f"{type(error).__name__}: {error}".rstrip(": ")
    return LocalizedText("stopped by %(kind)s", kind=kind)


class Unfit(Exception):
    """A text cannot be read; `expected` says what would be right."""

    def __init__(self, expected: Localized) -> None:
        super().__init__(expected.en)
        self.expected = expected


class ConfigError(YiduError):
    """config.yaml is wrong."""


class InputError(YiduError):
    """A value given by a person is wrong."""


class NotFound(InputError):
    """No such object, or not in the reader's scope."""


class ImportRefused(InputError):
    """The file cannot be read as a workbook or CSV of ours."""


class IllegalMove(YiduError):
    """The state of the object forbids the step."""


class StaleWrite(YiduError):
    """The object changed since it was read."""


class StalePlan(StaleWrite):
    """The week changed since the plan was made."""


class PlanRefused(YiduError):
    """The independent check found a violation."""


class LostRun(YiduError):
    """Another process took the run over."""


class SolverFailed(YiduError):
    """The solving process ended without a usable plan."""


class StoreBusy(YiduError):
    """Another writer held the database for too long."""


class StoreUnwritable(YiduError):
    """The disk is full, read-only or failing; nothing was changed."""


class StoreDamaged(YiduError):
    """The database file is damaged, or no database at all."""


class StoreNewer(YiduError):
    """The database has steps of the schema that this program does not know."""


class KeyWrong(YiduError):
    """The key file is not the one that the database was sealed with."""


class KeyMissing(KeyWrong):
    """The key file is gone."""


class DeliveryError(YiduError):
    """A message could not be sent: `permanent` where trying again cannot help, else not before `wait` seconds.

    `down`: nobody else would have better luck now, the channel does not answer or wants to be left alone.
    """

    def __init__(self, said: Localized, *, permanent: bool = False, wait: float = 0, down: bool = False) -> None:
        super().__init__(said)
        self.permanent, self.wait, self.down = permanent, wait, down
