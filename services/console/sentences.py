"""Every event of a petition as one sentence."""

from collections.abc import Callable, Mapping
from typing import Any

from schemas.event import Event
from schemas.events import escalation, feedback, intake, router, severity, staffing
from schemas.places import REFERRED_ACROSS
from services.console import sentences_of_delays as delays
from services.console import sentences_of_links as links
from services.console.causes import cause_of_climbing
from services.console.locating import placed, referred_across
from services.console.reader import Reader
from services.console.staffing import handed_over, nobody_on_duty
from services.console.words import CONTACTS, OUTCOMES, RETURN_REASONS, ROUTING_RULES, Text, known

Sentence = Callable[[Any, Reader], str]


def sentence(event: Event, reader: Reader) -> str:
    """What happened, in the reader's language; empty for an event that this release does not know."""
    said = SENTENCES.get(type(event))
    return said(event, reader) if said else ""


def _filed(event: intake.PetitionFiled, reader: Reader) -> str:
    said = reader.of(Text("来自{channel}", "through {channel}"), channel=reader.channel(event.channel))
    if (who := event.filed_by) is not None:
        by = Text("，{role} {id} 录入", ", entered by {role} {id}")
        said += reader.of(by, role=reader.role(who.role), id=who.id)
    if event.on_the_spot is not None:
        said += reader.of(Text("，当场已作处理", ", who had dealt with it on the spot"))
    return said


def _supplemented(event: intake.PetitionSupplemented, reader: Reader) -> str:
    said = Text("第 {n} 次补充", "no. {n}")
    attached = Text("第 {n} 次补充，附材料", "no. {n}, with files")
    return reader.of(attached if event.attachments else said, n=event.number)


def _urged(event: intake.PetitionUrged, reader: Reader) -> str:
    return reader.of(Text("第 {n} 次", "no. {n}"), n=event.number)


def _withdrawn(event: intake.PetitionWithdrawn, reader: Reader) -> str:
    return reader.of(Text("诉求人撤回诉求，不再办理", "whoever asked took it back; nobody handles it any more"))


def _reading(event: severity.SeverityAssessed | severity.SeverityReassessed, reader: Reader) -> str:
    unknown = Text("类别未知", "kind not known")
    parts = [
        reader.kind_with_code(event.kind) if event.kind else reader.of(unknown),
        reader.severity(event.severity),
        reader.disposition(event.disposition),
    ]
    return reader.listed(parts)


def _assessed(event: severity.SeverityAssessed, reader: Reader) -> str:
    sure = f"{event.confidence:.0%}"
    said = Text("读作：{reading}；把握 {sure}", "read as: {reading}; {sure} sure")
    again = Text(
        "结合第 {n} 次补充，读作：{reading}；把握 {sure}", "read with supplement {n} as: {reading}; {sure} sure"
    )
    reading = _reading(event, reader)
    if event.whole is not None:
        said = Text(
            "结合原单 {whole} 的补充，读作：{reading}；把握 {sure}",
            "read with what was added to {whole}, of which it is a part, as: {reading}; {sure} sure",
        )
        return reader.of(said, reading=reading, sure=sure, whole=reader.petition(event.whole))
    return reader.of(again if event.supplement else said, reading=reading, sure=sure, n=event.supplement)


def _review(event: severity.ReviewRequested, reader: Reader) -> str:
    said = Text("把握 {sure}，请人在 {by} 前复核", "{sure} sure; a person should look at it by {by}")
    return reader.of(said, sure=f"{event.confidence:.0%}", by=reader.moment(event.review_by))


def _reassessed(event: severity.SeverityReassessed, reader: Reader) -> str:
    return reader.of(Text("改读作：{reading}", "now read as: {reading}"), reading=_reading(event, reader))


ABOUT_THE_TOP = Text(
    "诉求反映的是本辖区最高一级单位，引导群众向其上级机关反映",
    "it complains about the top unit here; the resident is told to turn to its superior",
)


def _referred(event: severity.PetitionReferred, reader: Reader) -> str:
    if event.to == severity.SUPERIOR:
        return reader.of(ABOUT_THE_TOP)
    if event.to.startswith(REFERRED_ACROSS):
        return referred_across(event.to, reader)
    said = Text("属于“{way}”，引导群众走法定途径", '"{way}" has its own legal way; the resident is told which')
    return reader.of(said, way=reader.kind(event.to))


def _declined(event: severity.PetitionDeclined, reader: Reader) -> str:
    empty = Text("标题和正文里没有文字", "there is no word in title or text")
    person = Text("经人确认没有实质内容", "a named person found nothing to act on")
    return reader.of(empty if event.reason == "empty" else person)


def _routed(event: router.PetitionRouted, reader: Reader) -> str:
    said = Text(
        "由{receiver}承办；{rule}；签收限 {accept}，办结限 {resolve}",
        "to {receiver}; {rule}; accept by {accept}, resolve by {resolve}",
    )
    return reader.of(
        said,
        receiver=reader.receiver(event.unit, event.department),
        rule=known(ROUTING_RULES, event.rule, reader.lang),
        accept=reader.moment(event.accept_by),
        resolve=reader.moment(event.resolve_by),
    )


def _hand_off(event: router.HandOffOrdered, reader: Reader) -> str:
    said = Text("{to}，{by} 前由人确认", "tell {to} at once; a person confirms it by {by}")
    return reader.of(said, to=reader.listed(event.to), by=reader.moment(event.confirm_by))


def _told(event: router.HandOffConfirmed, reader: Reader) -> str:
    if not event.outstanding:
        return reader.of(Text("已告知 {to}，全部告知完毕", "{to} knows; all have been told"), to=event.to)
    said = Text("已告知 {to}，还要告知 {rest}", "{to} knows; still to be told: {rest}")
    return reader.of(said, to=event.to, rest=reader.listed(event.outstanding))


def _near(event: escalation.DeadlineNear, reader: Reader) -> str:
    said = Text("{deadline}须在 {due} 前完成，时间已过大半", "{deadline} is due {due}; most of the time is gone")
    return reader.of(said, deadline=reader.deadline(event.deadline), due=reader.moment(event.due_at))


def _missed(event: escalation.DeadlineMissed, reader: Reader) -> str:
    said = Text("{deadline}应在 {due} 前完成，", "{deadline} was due {due}; ")
    done = Text("没有完成", "it was not done")
    if event.late:  # it was done too late, or went to somebody else, before anybody looked
        done = Text("没有按时完成", "it was not done by then")
    return reader.of(said, deadline=reader.deadline(event.deadline), due=reader.moment(event.due_at)) + reader.of(done)


def _escalated(event: escalation.PetitionEscalated, reader: Reader) -> str:
    said = Text("{dispatch}上升一级：{cause}", "{dispatch} goes one tier up: {cause}")
    return reader.of(said, dispatch=reader.dispatch(event.dispatch), cause=cause_of_climbing(event.cause, reader))


def _supervised(event: escalation.SupervisionOrdered, reader: Reader) -> str:
    said = Text("第 {n} 次督办：{cause}；{by} 前答复", "no. {n}: {cause}; answer by {by}")
    if event.superior is not None:
        said = Text("第 {n} 次督办：{cause}；{superior}在 {by} 前答复", "no. {n}: {cause}; {superior} answers by {by}")
    cause, superior = cause_of_climbing(event.cause, reader), reader.unit(event.superior)
    return reader.of(said, n=event.number, cause=cause, superior=superior, by=reader.moment(event.answer_by))


def _asked_back(event: feedback.FeedbackRequested, reader: Reader) -> str:
    said = Text(
        "就第 {n} 轮办结回访，{by} 前完成；{until} 前可以重办",
        "ask about round {n} by {by}; it can be re-opened until {until}",
    )
    return reader.of(said, n=event.round, by=reader.moment(event.answer_by), until=reader.moment(event.reopen_until))


def _answered(event: feedback.FeedbackReceived, reader: Reader) -> str:
    solved = Text("已解决", "solved") if event.solved else Text("没有解决", "not solved")
    satisfied = {
        True: Text("满意", "satisfied"),
        False: Text("不满意", "not satisfied"),
        None: Text("未表态是否满意", "satisfaction not said"),
    }[event.satisfied]
    said = Text("群众答复：{solved}，{satisfied}", "the resident says: {solved}, {satisfied}")
    answer = reader.of(said, solved=reader.of(solved), satisfied=reader.of(satisfied))
    if event.contacted is False:
        answer = reader.listed([answer, reader.of(Text("办结前无人联系", "nobody had contacted them"))])
    return _by_contact(answer, event, reader)


def _reopened(event: feedback.PetitionReopened, reader: Reader) -> str:
    said = Text("第 {n} 轮开始：{cause}", "round {n} starts: {cause}")
    return reader.of(said, n=event.round, cause=cause_of_climbing(event.cause, reader))


def _accepted(event: router.DispatchAccepted, reader: Reader) -> str:
    return reader.dispatch(event.dispatch)


def _claimed(event: router.DispatchClaimed, reader: Reader) -> str:
    said = Text("{dispatch}，由{receiver}的 {by} 领取", "{dispatch}, by {by} of {receiver}")
    if event.responsible is not None:
        said = Text(
            "{dispatch}，由{receiver}的 {by} 领取，{responsible}仍负责",
            "{dispatch}, by {by} of {receiver}; {responsible} stays responsible",
        )
    receiver, responsible = reader.receiver(event.unit, event.department), reader.unit(event.responsible)
    dispatch = reader.dispatch(event.dispatch)
    return reader.of(said, dispatch=dispatch, receiver=receiver, by=event.claimed_by, responsible=responsible)


def _returned(event: router.DispatchReturned, reader: Reader) -> str:
    said = Text("{dispatch}退回：{reason}", "{dispatch} was given back: {reason}")
    reason = known(RETURN_REASONS, event.reason, reader.lang)
    return reader.of(said, dispatch=reader.dispatch(event.dispatch), reason=reason)


def _transferred(event: router.DispatchTransferred, reader: Reader) -> str:
    said = Text("{dispatch}转给{receiver}", "{dispatch} was passed on to {receiver}")
    receiver = reader.receiver(event.unit, event.department)
    return reader.of(said, dispatch=reader.dispatch(event.dispatch), receiver=receiver)


def _summoned(event: router.CoHandlersSummoned, reader: Reader) -> str:
    said = Text("{departments}，{by} 前报到", "{departments}; to report in by {by}")
    named = reader.listed([reader.department(one) for one in event.departments])
    return reader.of(said, departments=named, by=reader.moment(event.report_in_by))


def _reported_in(event: router.CoHandlerReportedIn, reader: Reader) -> str:
    return reader.of(
        Text("{department}已报到", "{department} is there"), department=reader.department(event.department)
    )


def _progress(event: router.ProgressReported, reader: Reader) -> str:
    return reader.dispatch(event.dispatch)


def _resolved(event: router.ResolutionReported, reader: Reader) -> str:
    said = Text("第 {n} 轮，结果：{result}", "round {n}, with the result: {result}")
    if event.part is not None:
        said = Text("第 {n} 轮，各分单均已办完，结果：{result}", "round {n}, all parts being over: {result}")
    elif event.on_the_spot:
        said = Text("第 {n} 轮，网格员自处理，结果：{result}", "round {n}, on the spot, with the result: {result}")
    return reader.of(said, n=event.round, result=reader.result(event.result))


def _confirmed(event: severity.SeverityConfirmed, reader: Reader) -> str:
    return reader.of(Text("同意研判结果", "a person agrees with the reading"))


def _answered_supervision(event: escalation.SupervisionAnswered, reader: Reader) -> str:
    return reader.of(Text("第 {n} 次", "no. {n}"), n=event.number)


def _not_reached(event: feedback.FeedbackAttempted, reader: Reader) -> str:
    said = reader.of(Text("第 {n} 次回访没有联系上", "attempt {n} did not reach the resident"), n=event.attempt)
    return _by_contact(said, event, reader)


def _by_contact(said: str, event: feedback.FeedbackAttempted | feedback.FeedbackReceived, reader: Reader) -> str:
    return said if event.contact is None else reader.detailed(said, reader.of(CONTACTS[event.contact]))


def _closed(event: feedback.PetitionClosed, reader: Reader) -> str:
    return reader.of(OUTCOMES[event.outcome])


SENTENCES: Mapping[type[Event], Sentence] = {
    intake.PetitionFiled: _filed,
    severity.SeverityAssessed: _assessed,
    severity.ReviewRequested: _review,
    severity.SeverityConfirmed: _confirmed,
    severity.SeverityReassessed: _reassessed,
    severity.PetitionReferred: _referred,
    severity.PetitionDeclined: _declined,
    router.PetitionRouted: _routed,
    router.PetitionPlaced: placed,
    router.HandOffOrdered: _hand_off,
    router.HandOffConfirmed: _told,
    intake.PetitionSupplemented: _supplemented,
    intake.PetitionUrged: _urged,
    intake.DuplicateLinked: links.linked,
    intake.DuplicateUnlinked: links.unlinked,
    intake.PetitionSplit: links.split,
    intake.PetitionWithdrawn: _withdrawn,
    router.DispatchAccepted: _accepted,
    router.DispatchClaimed: _claimed,
    staffing.WorkHandedOver: handed_over,
    router.DispatchReturned: _returned,
    router.DispatchTransferred: _transferred,
    router.CoHandlersSummoned: _summoned,
    router.CoHandlerReportedIn: _reported_in,
    router.ProgressReported: _progress,
    router.ExtensionRequested: delays.asked,
    router.ExtensionGranted: delays.extended,
    router.ExtensionRefused: delays.refused,
    router.HoldRequested: delays.asked,
    router.HoldRefused: delays.refused,
    router.PetitionHeld: delays.held,
    router.PetitionResumed: delays.resumed,
    router.DeadlinesRecounted: delays.recounted,
    router.ResolutionReported: _resolved,
    router.PartFinished: links.part_finished,
    staffing.NobodyOnDuty: nobody_on_duty,
    escalation.DeadlineNear: _near,
    escalation.DeadlineMissed: _missed,
    escalation.PetitionEscalated: _escalated,
    escalation.SupervisionOrdered: _supervised,
    escalation.SupervisionAnswered: _answered_supervision,
    feedback.FeedbackRequested: _asked_back,
    feedback.FeedbackAttempted: _not_reached,
    feedback.FeedbackReceived: _answered,
    feedback.PetitionReopened: _reopened,
    feedback.PartReopened: links.part_reopened,
    feedback.DuplicateReopened: links.duplicate_reopened,
    feedback.PetitionClosed: _closed,
}
