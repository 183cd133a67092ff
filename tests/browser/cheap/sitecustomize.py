"""Every Python process with this folder on its path hashes passwords at next to no cost, as the tests' own do.

A hashing gives way to all else (coaching/accounts/passwords.py): on a busy machine people waited seconds to sign in.
"""

import argon2

argon2.PasswordHasher.__init__.__defaults__ = (1, 8, 1, *argon2.PasswordHasher.__init__.__defaults__[3:])
