"""Every Python process started with this folder on its path hashes passwords at next to no cost, as tests do themselves.

A hashing gives way to all else on the machine (coaching/accounts/passwords.py), so on a busy one people waited seconds
to sign in.
"""

import argon2

argon2.PasswordHasher.__init__.__defaults__ = (1, 8, 1, *argon2.PasswordHasher.__init__.__defaults__[3:])
