"""The channels that the settings name."""

from scheduler.config import Config, Messages
from scheduler.messages.channels import Channel
from scheduler.messages.feishu import FeishuChannel
from scheduler.messages.groups import groups_of
from scheduler.messages.mail import MailChannel
from scheduler.messages.sms import SmsChannel
from scheduler.messages.wecom import WeComChannel

PERSONAL = {"wecom": WeComChannel, "feishu": FeishuChannel, "mail": MailChannel, "sms": SmsChannel}


def channels_of(config: Config) -> list[Channel]:
    """Every configured channel. Raises ConfigError for a setting that is not allowed."""
    made = [PERSONAL[name](getattr(config.messages, name)) for name in offered(config.messages)]
    return [*made, *groups_of(config.messages.channels, allowed_mail_hosts=config.messages.mail_hosts)]


def offered(settings: Messages) -> list[str]:
    """The names of the channels by which one person can be told something, as the settings have them."""
    return [name for name in PERSONAL if getattr(settings, name) is not None]
