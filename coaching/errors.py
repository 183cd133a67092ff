"""What can go wrong, in the product's words. `app.py` maps each class to a status and a page once. Pure."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol


class CoachingError(Exception):
    """A sentence for the person: what happened, what it means, what to do."""

    sentence = "That did not work. Try again in a moment."

    def __init__(self, sentence: str | None = None) -> None:
        self.sentence = sentence or self.sentence
        super().__init__(self.sentence)


class ComeBackLater(CoachingError):
    """Nothing was done, and after `wait` it may be tried again; `limit` names for the log what was too much."""

    wait = timedelta(seconds=5)
    limit = ""


class Busy(ComeBackLater):
    """Too many at once; it goes in a moment, or after `wait`."""

    sentence = "Many people are signing in right now. Try again in a few seconds."
    limit = "password hashings at once"

    def __init__(self, wait: timedelta | None = None) -> None:
        if wait is None:
            super().__init__()
            return
        self.wait = wait
        seconds = math.ceil(wait.total_seconds())
        super().__init__(f"Many people are signing in right now. Try again in {seconds} seconds.")


class RateLimited(ComeBackLater):
    """Too often of late; `is_news` tells the limit's first refusal from those after."""

    def __init__(self, sentence: str, wait: timedelta, *, limit: str = "", is_news: bool = False) -> None:
        self.wait, self.limit, self.is_news = wait, limit, is_news
        super().__init__(sentence)


class NotFound(CoachingError):
    """Not there, or not theirs: both look the same from outside."""

    sentence = "There is nothing at this address, or it is not yours to see."


class Refused(CoachingError):
    """The person may not do this, and knows the thing exists."""

    sentence = "You cannot do this."


class WrongCredentials(Refused):
    sentence = "This e-mail and password do not belong together. Check both, or ask for a new password."


class CodeRefused(Refused):
    """A code that is not taken as a second factor; the sentence says why and what to do."""


class FactorNeeded(Refused):
    sentence = "This account asks for a second factor. Sign in once more."


class AccountSuspended(Refused):
    """An admin has suspended the account: it is let in nowhere. `reason` is for its owner alone."""

    sentence = "Nothing can be seen or done with it."

    def __init__(self, reason: str = "") -> None:
        why = f"The reason: “{reason}” " if reason else ""
        super().__init__(
            f"{self.sentence} {why}If you think that this is a mistake, or want the account deleted, write to whoever "
            "runs this site."
        )


class LastAdmin(Refused):
    sentence = "This is the last admin of this site. Make somebody else an admin first."


class Unverified(Refused):
    sentence = "Nobody has confirmed this address yet: somebody else may have signed up with it."


class AddressTaken(Refused):
    sentence = "There is already an account with this e-mail. Sign in, or ask for a new password."


class NameTaken(Refused):
    sentence = "You have a schedule of this name. Choose another one."


class LinkTaken(Refused):
    sentence = "This Discord account belongs to somebody else here. Nothing was changed."


class SameAccount(Refused):
    sentence = "This is the account that you are signed in to. Show that the other one is yours."


class NothingToMerge(Refused):
    sentence = "Nothing waits to be merged in this browser. Show once more that the other account is yours."


class CannotMerge(Refused):
    """Something stands in the way, or has changed since it was shown."""

    sentence = "Something has changed since this page was drawn. Nothing was merged. Look at it again."


class CannotDelete(Refused):
    """Something stands in the way of deleting an account, or has changed since it was shown."""

    sentence = "Something has changed since this page was drawn. Nothing was deleted. Look at it again."


class LinkExpired(Refused):
    sentence = "This link has been used or has run out. Ask for a new one."


class DiscordNotLinked(Refused):
    sentence = "Connect your Discord account first: the call happens in a private Discord room."


class NotAMember(Refused):
    sentence = "Join the Discord server first: the call happens in a private room there."


class ServerLost(Refused):
    """Discord does not say any more that the coach may have rooms made on the store's server."""

    sentence = (
        "This call cannot be booked right now: until its coach has connected their Discord server again, no room can "
        "be opened for it. Come back later."
    )


class CoachStopped(Refused):
    """An admin has taken the coach's approval back: nothing new is sold."""

    sentence = (
        "You cannot open a store or sell new calls at the moment: whoever runs this site has taken your approval back. "
        "Your dashboard says why."
    )


class StudentSuspended(Refused):
    """An admin has suspended the student: nothing new is booked with them."""

    sentence = (
        "This student’s account is suspended, so nothing new can be booked with them. Decline it, or let it run out."
    )


class NotACoach(Refused):
    """Whoever runs this site decides who may sell here."""

    sentence = "You cannot open a store here yet: first you have to be approved as a coach."


class BookingsStopped(Refused):
    """The coach's approval was taken back: what is booked stays, and nothing new is."""

    sentence = "This coach takes no new bookings at the moment. Sessions that are booked stay as they are."


class ApplicationLacking(Refused):
    """What keeps an application from being sent: a sentence for each field."""

    sentence = "Something is missing in your application."

    def __init__(self, faults: Mapping[str, str]) -> None:
        self.faults = faults
        super().__init__()


class OwnProduct(Refused):
    sentence = "This is your own coaching product. You cannot book yourself."


class NotPublished(Refused):
    sentence = "This coaching product is not on sale right now. Nothing was booked."


class TooLate(Refused):
    sentence = "It is too late for that now."


class PaymentUnavailable(CoachingError):
    """Nobody can pay right now: the provider does not answer, or not as it should."""

    sentence = (
        "The page on which you pay could not be opened. Nothing was charged, and your time is still held: try again in "
        "a moment."
    )


class InvitationOver(Refused):
    """The invitation was taken, has lapsed, or was withdrawn; so was its link where another one was made."""

    sentence = "This invitation is over: it was taken, withdrawn, or nobody took it in time."


class SlotTaken(CoachingError):
    """Somebody else was faster, or the time never was free."""

    sentence = "That time has just been taken. Here are the nearest free times."


class SlotSeenTaken(SlotTaken):
    """Anybody could see so before they queued up for it: nothing else has changed meanwhile."""


class SlotOver(SlotTaken):
    """Nobody was faster: the time itself has gone by."""

    sentence = "That time is over. Here are the times that are still free."


class TermsChanged(CoachingError):
    """The coach has saved other terms than the student has seen."""

    sentence = "Something changed since you opened this page. Look at it once more, then book."


class DiscountRefused(CoachingError):
    """The discount code does not count for this booking; the sentence says why, and that it can be taken out."""


class StudentBusy(CoachingError):
    sentence = "You already have another session at that time. Choose another time, or cancel the other session."


class AnswersMissing(CoachingError):
    """`faults` says by question what is wrong with its answer."""

    sentence = "Some answers are missing. Look at the questions marked below."

    def __init__(self, faults: Mapping[int, str]) -> None:
        self.faults = dict(faults)
        super().__init__()


class PhoneMissing(CoachingError):
    sentence = "Type the phone number your coach will call."


class UnsoundHours(CoachingError):
    sentence = "These hours overlap. Join them into one."


class LimitReached(Refused):
    """There may not be more of this; the sentence says how many."""


class AbsentTooOften(Refused):
    """A student whom the coach's product refuses `until` then, since they were absent too often."""

    def __init__(self, sentence: str, until: datetime) -> None:
        self.until = until
        super().__init__(sentence)


class AddressInUse(CoachingError):
    sentence = "Another store already has this address. Choose another one."


class CodeInUse(CoachingError):
    sentence = "Your store has this code already. Change that one, or choose another code."


class PartnerCodeTaken(Refused):
    sentence = "Another partner of this store has this code. Choose another one."


class PictureRefused(CoachingError):
    sentence = "This file is not a picture we can read. Choose a JPEG, PNG or WebP."


class GuildNotVerified(Refused):
    """Discord does not say that this person may decide for the guild; the sentence says what it says instead."""


class GuildOutOfReach(GuildNotVerified):
    """Discord said nothing about the guild; asking once more may help."""


class PaymentKeyRefused(Refused):
    """A key of a payment provider that is not taken, or may not do something; the sentence says which."""


class ChangedMeanwhile(CoachingError):
    """It was changed since the page that sends this was drawn; `steps` names those that were, if only some matter."""

    sentence = "It was changed in another window since you opened this page. Nothing was saved. Look at it again."

    def __init__(self, sentence: str | None = None, steps: Sequence[str] = ()) -> None:
        self.steps = tuple(steps)
        super().__init__(sentence)


class MissingLike(Protocol):
    """One thing to do first, as coaching/catalog/steps.py has it."""

    @property
    def place(self) -> str: ...
    @property
    def sentence(self) -> str: ...


class NotReadyToPublish(CoachingError):
    """`missing` names what is not there yet; each has a step of the wizard."""

    sentence = "Some things are missing before this can be published."

    def __init__(self, missing: Sequence[MissingLike] = ()) -> None:
        self.missing = tuple(missing)
        super().__init__()
