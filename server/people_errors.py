"""Why something about people, teams and mail cannot be done; beside server/errors.py, and in its one table.

ServerError
├── TokenTooNarrow · TeamsFrozen · EmailNotVerified         403
├── TeamNotFound · InvitationNotFound · MailLinkNotFound    404
├── SecondTeam · OtherTeam · LastOrganizer                  409
├── RulesNotAccepted                                        409
└── UnsafeMail                                              422
"""

from __future__ import annotations

from server.errors import STATUS_OF, ServerError


class TeamNotFound(ServerError):
    """There is no such team, or you are not in it."""

    code = "team-not-found"
    advice = "Look at /me for the teams you are in; whoever is in a team can invite you."


class TokenTooNarrow(ServerError):
    """This API token reads and submits for its team, and does nothing else."""

    code = "token-too-narrow"
    advice = "Use one of the scope `account`: `heldout login` keeps such a token, and /me makes them."


class InvitationNotFound(ServerError):
    """This invitation does not count: it was revoked, has run out, or never was one."""

    code = "invitation-not-found"
    advice = "Ask a member of the team for a new link; each works for 14 days."


class TeamsFrozen(ServerError):
    """Nobody joins or leaves the team any more: a round it takes part in has frozen its teams."""

    code = "teams-frozen"
    advice = "Wait until the round is closed, or ask its organizers."


class SecondTeam(ServerError):
    """Nobody may be in two teams that take part in one challenge."""

    code = "second-team"
    advice = "Leave one of the two teams first; /me lists them."


class OtherTeam(ServerError):
    """The form names another team than the one you act for now: you have chosen another one meanwhile."""

    code = "other-team"
    advice = "Look for which team it is now, and send it again; or choose the other team at /me first."


class LastOrganizer(ServerError):
    """You are the only organizer of a round, so your account cannot be deleted."""

    code = "last-organizer"
    advice = "Make somebody else an organizer of the round first."


class MailLinkNotFound(ServerError):
    """This link does not work: it was used, has run out, or never was one."""

    code = "mail-link-not-found"
    advice = "Ask for a new one: each works once. /forgot sets a new password, /me verifies an address."


class EmailNotVerified(ServerError):
    """This round takes files of verified e-mail addresses only, and yours is not verified."""

    code = "email-not-verified"
    advice = "Open the link in the mail that verifies it; /me and `heldout account verify` send one."


class RulesNotAccepted(ServerError):
    """You have not accepted the rules and terms of this round yet."""

    code = "rules-not-accepted"
    advice = "Read them on the round's page and its data page, and send this again with your word that you accept them."


class UnsafeMail(ServerError):
    """A line break stands in the subject or the address of a mail; it is not sent."""

    code = "unsafe-mail"
    advice = "Take the line break out."


STATUS_OF |= {
    TokenTooNarrow: 403,
    TeamsFrozen: 403,
    EmailNotVerified: 403,
    TeamNotFound: 404,
    InvitationNotFound: 404,
    MailLinkNotFound: 404,
    SecondTeam: 409,
    OtherTeam: 409,
    LastOrganizer: 409,
    RulesNotAccepted: 409,
    UnsafeMail: 422,
}
