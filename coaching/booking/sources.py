"""By which way a student came to a booking, as far as it says so itself. Pure."""

# As it is kept with the seat. A partner's link and a discount code stand there on their own.
DIRECTORY, PAGE, LINK, INVITATION = "directory", "page", "link", "invitation"
SOURCES = (DIRECTORY, PAGE, LINK, INVITATION)
