"""Who may say which event."""

OWNER = {
    "intake": {
        "PetitionFiled", "PetitionSupplemented", "PetitionUrged", "DuplicateLinked", "DuplicateUnlinked",
        "PetitionSplit", "PetitionWithdrawn",
    },
    "severity": {
        "SeverityAssessed", "ReviewRequested", "SeverityConfirmed", "SeverityReassessed", "PetitionReferred",
        "PetitionDeclined",
    },
    "router": {
        "PetitionRouted", "PetitionPlaced", "HandOffOrdered", "HandOffConfirmed", "DispatchAccepted",
        "DispatchClaimed", "WorkHandedOver", "DispatchReturned", "DispatchTransferred", "CoHandlersSummoned",
        "CoHandlerReportedIn", "ProgressReported", "ExtensionRequested",
        "ExtensionGranted", "ExtensionRefused", "HoldRequested", "HoldRefused", "PetitionHeld", "PetitionResumed",
        "DeadlinesRecounted", "ResolutionReported", "PartFinished", "NobodyOnDuty",
    },
    "escalation": {"DeadlineNear", "DeadlineMissed", "PetitionEscalated", "SupervisionOrdered", "SupervisionAnswered"},
    "feedback": {
        "FeedbackRequested", "FeedbackAttempted", "FeedbackReceived", "PetitionReopened", "PartReopened",
        "DuplicateReopened", "PetitionClosed",
    },
}  # fmt: skip
BY_A_PERSON = {
    "SeverityConfirmed", "SeverityReassessed", "PetitionPlaced", "HandOffConfirmed", "DispatchAccepted",
    "DispatchClaimed", "WorkHandedOver", "DispatchReturned", "DispatchTransferred", "CoHandlersSummoned",
        "CoHandlerReportedIn", "ProgressReported", "ExtensionRequested",
    "ExtensionGranted", "ExtensionRefused", "HoldRequested", "HoldRefused", "PetitionHeld",
    "SupervisionAnswered", "PetitionSplit", "DuplicateReopened",
}  # fmt: skip
