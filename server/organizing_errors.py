"""Why something about organizing a round cannot be done; see server/errors.py, whose table of statuses they join.

ServerError
├── EntryNotFound · QuestionNotFound · AppealNotFound · ParticipationNotFound · PersonNotFound
│   ReportNotFound                                                404
├── PolicyRefused · InvalidText · FaultyTruth · UnknownImage · FaultyFolder · FolderTooHeavy
│   FaultyRoster                                                  422
├── NotAdmitted · WrongJoinCode · DomainNotAdmitted · AppealTooLate   403
├── PolicyOvertaken · TruthOvertaken · AlreadyDisqualified · NotDisqualified · AppealedAlready · AppealDecided
│   AnsweredAlready · AnnouncedAlready · NotRetryable · TeamHasSubmitted · ExportExists · PersonNotVerified
│   SlugTaken · SlugReserved · StillADraft · NotADraft · SelfTestFailed   409
└── TooManyQuestions · TooManyReports                             429
"""

from __future__ import annotations

from server.errors import STATUS_OF, ServerError


class EntryNotFound(ServerError):
    """There is no such entry."""

    code = "entry-not-found"
    advice = "Look the entry up on the round's board."


class QuestionNotFound(ServerError):
    """There is no such question."""

    code = "question-not-found"
    advice = "Look at the questions on the round's page for organizers."


class AppealNotFound(ServerError):
    """There is no such appeal."""

    code = "appeal-not-found"
    advice = "Look at the entries on the round's page for organizers."


class ParticipationNotFound(ServerError):
    """This team has not asked to take part in the round."""

    code = "participation-not-found"
    advice = "Look at the teams on the round's page for organizers."


class PersonNotFound(ServerError):
    """Nobody has an account with this e-mail address."""

    code = "person-not-found"
    advice = "Have them sign up first, or make the account with `heldout organizer add`."


class PersonNotVerified(ServerError):
    """The e-mail address of this account is not verified: anybody may have signed up with it."""

    code = "person-not-verified"
    advice = "Ask them to have the mail sent from /me and open its link; then add them again."


class ReportNotFound(ServerError):
    """There is no such report."""

    code = "report-not-found"
    advice = "Look at the reports on the round's page for organizers."


class UnknownImage(ServerError):
    """The round has no such image."""

    code = "unknown-image"
    advice = "Name it by its index or by its name, as the list of images has them."


class TooManyReports(ServerError):
    """Your team has as many reports that nobody has settled as is allowed at once."""

    code = "too-many-reports"
    advice = "Wait until the organizers have gone through them."


class PolicyRefused(ServerError):
    """The round's policy cannot be changed like this."""

    code = "policy-refused"
    advice = "Mend each value named; nothing was changed."


class PolicyOvertaken(ServerError):
    """Somebody else has changed the policy since the form was loaded."""

    code = "policy-overtaken"
    advice = "Nothing was changed: look at what stands there now, and save again what you still mean."


class InvalidText(ServerError):
    """The text cannot be used."""

    code = "invalid-text"
    advice = "Write some words, not more than the field takes."


class TruthOvertaken(ServerError):
    """Another truth is shown since this correction was begun: shown, it would undo what that one corrects."""

    code = "truth-overtaken"
    advice = "Look at what that version corrects, then send yours again."


class FaultyTruth(ServerError):
    """The corrected truth cannot be used as it is."""

    code = "faulty-truth"
    advice = "Mend every fault that is listed, and send it again."


class NotAdmitted(ServerError):
    """Your team is not admitted to this round."""

    code = "not-admitted"
    advice = "Ask to take part on the round's page; the organizers decide."


class WrongJoinCode(ServerError):
    """This is not the join code of the round."""

    code = "wrong-join-code"
    advice = "Copy the code as the organizers gave it, or ask them for the present one."


class DomainNotAdmitted(ServerError):
    """Only members of certain institutions take part, and your e-mail address is of none of them."""

    code = "domain-not-admitted"
    advice = "Log in with the address of your institution, or ask the organizers for a join code."


class AppealTooLate(ServerError):
    """The time to appeal against this disqualification is over."""

    code = "appeal-too-late"
    advice = "Write to the organizers; they can still reinstate the entry."


class AlreadyDisqualified(ServerError):
    """The entry is disqualified already."""

    code = "already-disqualified"
    advice = "Reinstate it first to give another reason."


class NotDisqualified(ServerError):
    """The entry is not disqualified."""

    code = "not-disqualified"
    advice = "Nothing needs to be done."


class AppealedAlready(ServerError):
    """Your team has appealed against this disqualification already."""

    code = "appealed-already"
    advice = "Wait for the organizers' answer; it will stand beside your appeal."


class AppealDecided(ServerError):
    """This appeal is decided already."""

    code = "appeal-decided"
    advice = "The entry can still be reinstated or disqualified by itself."


class AnnouncedAlready(ServerError):
    """Just this was announced some minutes ago: it stands on the round's page, and its mails are on their way."""

    code = "announced-already"
    advice = "Nothing needs to be done; to tell it once more, say so in other words."


class AnsweredAlready(ServerError):
    """This question is answered already."""

    code = "answered-already"
    advice = "Make an announcement to correct the answer."


class NotRetryable(ServerError):
    """Only a submission that ended as failed or error can be tried again."""

    code = "not-retryable"
    advice = "Look at its state; one that waits or runs needs no help."


class ExportExists(ServerError):
    """The export goes into a new folder, and something is there already."""

    code = "export-exists"
    advice = "Name a folder that does not exist yet."


class TooManyQuestions(ServerError):
    """Your team has as many questions without an answer as is allowed at once."""

    code = "too-many-questions"
    advice = "Wait for an answer; it may answer the others, too."


class TeamHasSubmitted(ServerError):
    """A team that has submitted cannot be turned away."""

    code = "team-has-submitted"
    advice = "Disqualify its entries instead, with a public reason."


class FaultyFolder(ServerError):
    """The round cannot be made of these files."""

    code = "faulty-round"
    advice = "Mend each fault named, and send everything again; nothing was kept."


class FolderTooHeavy(ServerError):
    """Reading this round takes more time or memory than the server gives to one."""

    code = "round-too-heavy"
    advice = "Have it opened on the server's own machine: heldout round open FOLDER."


class FaultyRoster(ServerError):
    """The roster cannot be used as it is."""

    code = "faulty-roster"
    advice = "Mend every line named; the roster is as it was."


class SlugTaken(ServerError):
    """Another round has this slug."""

    code = "slug-taken"
    advice = "Give the round a slug of its own."


class SlugReserved(ServerError):
    """A page of the server itself stands at the address that this slug would give the round."""

    code = "slug-reserved"
    advice = 'Give the round another `slug`, as in slug = "new-animals-2027".'


class StillADraft(ServerError):
    """The round is not open yet, so there is nothing to correct."""

    code = "still-a-draft"
    advice = "Send its files again at /organize/new: they replace the draft."


class NotADraft(ServerError):
    """The round is open already."""

    code = "not-a-draft"
    advice = "Its policy and dates can still be changed; a corrected truth is an erratum."


class SelfTestFailed(ServerError):
    """The self-test found files that do not score as they must."""

    code = "selftest-failed"
    advice = "Mend the files and send them again, or open the round all the same."


STATUS_OF |= {
    EntryNotFound: 404,
    QuestionNotFound: 404,
    AppealNotFound: 404,
    ParticipationNotFound: 404,
    PersonNotFound: 404,
    ReportNotFound: 404,
    PolicyRefused: 422,
    PolicyOvertaken: 409,
    TruthOvertaken: 409,
    InvalidText: 422,
    FaultyTruth: 422,
    UnknownImage: 422,
    FaultyFolder: 422,
    FolderTooHeavy: 422,
    FaultyRoster: 422,
    SlugTaken: 409,
    SlugReserved: 409,
    StillADraft: 409,
    NotADraft: 409,
    SelfTestFailed: 409,
    NotAdmitted: 403,
    WrongJoinCode: 403,
    DomainNotAdmitted: 403,
    AppealTooLate: 403,
    AlreadyDisqualified: 409,
    NotDisqualified: 409,
    AppealedAlready: 409,
    AppealDecided: 409,
    AnnouncedAlready: 409,
    AnsweredAlready: 409,
    NotRetryable: 409,
    TeamHasSubmitted: 409,
    ExportExists: 409,
    PersonNotVerified: 409,
    TooManyQuestions: 429,
    TooManyReports: 429,
}
