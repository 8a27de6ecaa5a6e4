"""Mail to one person, over SMTP."""

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate

from scheduler.config import MailSettings
from scheduler.errors import DeliveryError
from scheduler.localized import LocalizedText
from scheduler.messages.channels import Addressee, Message

SECONDS = 10.0  # the longest wait for each answer of the server
LONGEST_SUBJECT = 60


class MailChannel:
    """A mail server. `Message-ID` is made of the key: a server or reader that knows it drops a repetition."""

    name = "mail"

    def __init__(self, settings: MailSettings, *, seconds: float = SECONDS) -> None:
        self.settings, self.seconds = settings, seconds

    def address_of(self, addressee: Addressee) -> str:
        return addressee.contacts.get(self.name, "")

    def send(self, message: Message) -> str:
        try:
            with self._connect() as server:
                if self.settings.user:
                    server.login(self.settings.user, self.settings.password.get_secret_value())
                server.send_message(self._mail(message))
        except smtplib.SMTPRecipientsRefused as error:
            code, said = next(iter(error.recipients.values()))
            raise _refused(code, said, permanent=500 <= code < 600) from error
        except smtplib.SMTPDataError as error:
            raise _refused(error.smtp_code, error.smtp_error, permanent=500 <= error.smtp_code < 600) from error
        except smtplib.SMTPResponseException as error:  # of the login or the sender: a setting, not this person
            raise _refused(error.smtp_code, error.smtp_error) from error
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise DeliveryError(
                LocalizedText("the mail server does not answer as it should: %(error)s", error=error),
                down=isinstance(error, OSError),
            ) from error
        return ""

    def _connect(self) -> smtplib.SMTP:
        host, port = self.settings.host, self.settings.port
        trusted = ssl.create_default_context()
        if self.settings.security == "tls":
            return smtplib.SMTP_SSL(host, port, timeout=self.seconds, context=trusted)
        server = smtplib.SMTP(host, port, timeout=self.seconds)
        if self.settings.security == "starttls":
            try:
                server.starttls(context=trusted)
            except BaseException:
                server.close()
                raise
        return server

    def _mail(self, message: Message) -> EmailMessage:
        mail = EmailMessage()
        mail["From"] = self.settings.sender
        mail["To"] = message.address
        mail["Subject"] = "一度 · " + message.text.split("\n", 1)[0][:LONGEST_SUBJECT]
        mail["Date"] = formatdate(localtime=True)
        mail["Message-ID"] = f"<{message.key}@{self.settings.sender.rpartition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(message.text, cte="base64")
        return mail


def _refused(code: int, said: bytes | str, *, permanent: bool = False) -> DeliveryError:
    words = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return DeliveryError(
        LocalizedText("the mail server refused it: %(code)s %(said)s", code=code, said=words[:200]), permanent=permanent
    )
