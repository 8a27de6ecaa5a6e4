"""Why a visit is as it is, told to staff and to the one it is about."""
