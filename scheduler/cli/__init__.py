"""The command `yidu`."""
