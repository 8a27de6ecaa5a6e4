"""Who somebody is, and whether they may come in: accounts, second factors, tokens."""
