"""The channels that the settings name."""

from scheduler.config import Config
from scheduler.messages.channels import Channel
from scheduler.messages.groups import groups_of


def channels_of(config: Config) -> list[Channel]:
    """Every configured channel. Raises ConfigError for a setting that is not allowed."""
    return [*groups_of(config.messages.channels, allowed_mail_hosts=config.messages.mail_hosts)]
