"""The invariants of docs/promises.md over a run that is over: what callers were told, against what stands there.

Everything here is a function of plain values, so that each can be shown a history in which its invariant is broken.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from tests.faults import kin
from tests.faults.ended import Ended, Wrong, is_filing
from tests.faults.history import FAIL, OK
from tests.faults.records import TOPICS, Record

SEVERAL_AT_ONCE = {"NobodyOnDuty", "DeadlineMissed", "DeadlineNear"}
"""Their own fold tells them apart: several of a type may follow from one cause."""
EFFECT = {
    "accept": "DispatchAccepted", "resolve": "ResolutionReported", "feedback": "FeedbackReceived",
    "move": "PetitionRouted", "split": "PetitionSplit", "link": "DuplicateLinked", "unlink": "DuplicateUnlinked",
    "claim": "DispatchClaimed", "hand-over": "WorkHandedOver", "supplement": "PetitionSupplemented",
    "urge": "PetitionUrged", "withdraw": "PetitionWithdrawn",
}  # fmt: skip
TAKEN = {"DispatchAccepted", "DispatchClaimed"}
NOT_WATCHED = {"closed", "referred", "declined", "withdrawn", "linked", "split"}
"""What is over, and what goes on in others."""


def check(ended: Ended) -> list[Wrong]:
    """Everything that is wrong, by invariant; empty when all held."""
    return sorted(wrong for one in CHECKS for wrong in one(ended))


def _no_loss(ended: Ended) -> Iterable[Wrong]:
    """1: every acknowledged petition is there with its words, 2: and nothing that nobody filed."""
    filed = {event.petition for event in ended.store.events if event.type == "PetitionFiled"}
    texts: dict[str, set[str]] = {}
    for petition, _, text, _ in ended.store.words:  # of one that is not read, also what was added to it
        texts.setdefault(petition, set()).add(text)
    texts |= {petition: {text} for petition, text in ended.read.items()}
    acknowledged = {told.petition: told for told in ended.told.values() if is_filing(told) and told.outcome == OK}
    for petition, told in acknowledged.items():
        if petition not in filed:
            yield Wrong(1, f"{petition} was acknowledged and is not in the log")
        elif told.first.text not in (now := texts.get(petition, set())):
            yield Wrong(1, f"{petition} does not read as it was filed, but: {', '.join(sorted(now))}")
    known = {told.first.text for told in ended.told.values() if is_filing(told) and told.outcome != FAIL}
    known |= {text for told in ended.told.values() if told.outcome != FAIL for text in kin.texts_of(told)}
    for petition in filed - set(acknowledged):
        if known.isdisjoint(texts.get(petition, ())):
            yield Wrong(2, f"{petition} is in the log and nobody filed it")


def _one_petition_per_key(ended: Ended) -> Iterable[Wrong]:
    """3."""
    for key, told in ended.told.items():
        if not is_filing(told):
            continue
        named = {one.petition for one in told.attempts if one.outcome == OK and not one.other_body}
        if len(named) > 1:
            yield Wrong(3, f"key {key} was answered with {len(named)} petitions")
        for one in told.attempts:
            if one.other_body and one.outcome == OK:
                yield Wrong(3, f"key {key} was taken again with another body")
    texts = Counter(row[2] for row in ended.store.words)
    for key, told in ended.told.items():
        if is_filing(told) and texts[told.first.text] > 1:
            yield Wrong(3, f"key {key} made {texts[told.first.text]} petitions")


def _contiguous(ended: Ended) -> Iterable[Wrong]:
    """4."""
    position: Counter[int] = Counter()
    version: Counter[str] = Counter()
    for event in ended.store.events:
        position[event.partition] += 1
        version[event.petition] += 1
        if event.position != position[event.partition]:
            yield Wrong(4, f"partition {event.partition} has {event.position} where {position[event.partition]} is due")
            position[event.partition] = event.position
        if event.version != version[event.petition]:
            yield Wrong(4, f"{event.petition} has version {event.version} where {version[event.petition]} is due")
            version[event.petition] = event.version


def _legal(ended: Ended) -> Iterable[Wrong]:
    """5, 10, 13 to 15, as the fold finds them."""
    for life in ended.lives.values():
        yield from (Wrong(*one) for one in life.wrong)


def _races(ended: Ended) -> Iterable[Wrong]:
    """6: of commands sent at once for one version, or of claims of one dispatch, one at most is carried out."""
    races: dict[str, list[str]] = {}
    for key, told in ended.told.items():
        if told.first.race:
            races.setdefault(told.first.race, []).append(key)
    done = Counter(event.by for event in ended.store.events if event.type in TAKEN)
    for keys in races.values():
        if sum(ended.told[key].outcome == OK for key in keys) > 1 or sum(done[key] for key in keys) > 1:
            yield Wrong(6, f"{len(keys)} commands at once on {ended.told[keys[0]].first.petition} were carried out")


def _own_writes(ended: Ended) -> Iterable[Wrong]:
    """7: what one caller is told of a petition never goes back."""
    newest: dict[tuple[int, str], tuple[float, int]] = {}
    answered = (one for one in ended.attempts if one.outcome == OK and one.version and not one.race)
    for one in sorted(answered, key=lambda one: one.at):
        seen_at, version = newest.get((one.caller, one.petition), (0.0, 0))
        if one.version < version and one.at >= seen_at and not (one.kind == "file" and one.replayed):
            yield Wrong(7, f"a caller read version {one.version} of {one.petition} after version {version}")
        if one.version >= version:
            newest[one.caller, one.petition] = (one.at + one.took, one.version)


def _topic(ended: Ended) -> Iterable[Wrong]:
    """8: the topic is the log; 9: in its order, repeats byte for byte."""
    if ended.topics is None:
        return
    log = {event.id: event for event in (ended.later or ended.store).events}
    first: dict[str, Record] = {}
    newest: Counter[int] = Counter()
    for record in ended.topics.petitions:
        if not record.id or record.epoch != ended.store.epoch:
            continue  # poison that was put there, or a store that was lost
        if (event := log.get(record.id)) is None:
            yield Wrong(8, f"{record.id} was published and is not in the log")
        elif (record.value.decode(), record.partition, record.sequence) != (
            event.stored, event.partition, event.position,
        ):  # fmt: skip
            yield Wrong(8, f"{record.id} was published otherwise than it stands in the log")
        if record.id in first:
            if first[record.id].said != record.said:
                yield Wrong(9, f"{record.id} was published twice and differs")
            continue
        first[record.id] = record
        if record.sequence != newest[record.partition] + 1:
            yield Wrong(9, f"partition {record.partition}: {record.sequence} follows {newest[record.partition]}")
        newest[record.partition] = record.sequence
    for event in ended.store.events:
        if event.id not in first:
            yield Wrong(8, f"{event.id} is not on the topic")
    for seen, value in ended.published.items():
        if seen not in log or log[seen].stored.encode() != value:
            yield Wrong(8, f"{seen} was published once and is not in the log")


def _once(ended: Ended) -> Iterable[Wrong]:
    """10: each effect of each cause once; each command that was answered once, each that was refused never."""
    effects: Counter[tuple[str, ...]] = Counter()
    done: Counter[tuple[str | None, str, str]] = Counter()
    for event in ended.store.events:
        done[event.by, event.type, event.petition] += 1
        if event.type not in SEVERAL_AT_ONCE:
            named = event.data["cause"] if event.type == "SupervisionOrdered" else ""  # one for each missed deadline
            effects[event.petition, event.type, event.service, event.causation, named] += 1
    for effect, count in effects.items():
        if count > 1:
            yield Wrong(10, f"{effect[1]} of {effect[0]} happened {count} times because of {effect[3]}")
    first_reading = Counter(
        e.petition for e in ended.store.events if e.type == "SeverityAssessed" and not e.data.get("supplement")
    )
    for petition, count in first_reading.items():
        if count > 1:
            yield Wrong(10, f"{petition} was assessed {count} times")
    for key, told in ended.told.items():
        kind = EFFECT.get(told.first.kind)
        if kind is None:
            continue
        count = done[key, kind, told.first.petition]
        if told.outcome == OK and count == 0:
            yield Wrong(1, f"{kind} of {told.first.petition} was acknowledged and is not in the log")
        elif told.outcome == FAIL and count:
            yield Wrong(2, f"{kind} of {told.first.petition} was refused and stands in the log")
        elif count > 1:
            yield Wrong(10, f"{kind} of {told.first.petition} happened {count} times by one key")


def _effects(ended: Ended) -> Iterable[Wrong]:
    """10: and each effect is there: what was filed is assessed and routed, what was resolved is asked about."""
    for petition, life in ended.lives.items():
        if life.status in ("filed", "assessed"):
            yield Wrong(10, f"{petition} is {life.status} and nobody placed it")
        if life.status == "resolved" and life.asked != life.round:
            yield Wrong(10, f"{petition} was resolved and nobody asks the resident")
        if life.status in ("routed", "accepted") and life.dispatch in life.escalated:
            yield Wrong(10, f"{petition} was escalated and nobody moved it up")
        if life.left_lying:
            yield Wrong(10, f"{petition} was dealt with on the spot and nobody reported it done")


def _kin(ended: Ended) -> Iterable[Wrong]:
    """1, 2, 3, 10: what was split, and what is linked, against its parts and its root."""
    yield from (Wrong(*one) for one in (*kin.words(ended), *kin.unanswered(ended)))


def _read_models(ended: Ended) -> Iterable[Wrong]:
    """11: the list and the search table are what the log makes of them; 12: and so are their sums."""
    rows = {row["petition"]: row for row in ended.store.petitions if row["petition"] not in ended.spoilt}
    if len(rows) != len(ended.lives):
        yield Wrong(12, f"{len(ended.lives)} petitions were received and {len(rows)} are listed")
    for petition, life in ended.lives.items():
        row = rows.get(petition, {})
        for name in ("status", "version", "tier", "unit", "department", "round"):
            if row.get(name) != getattr(life, name):
                yield Wrong(11, f"the list says {name} {row.get(name)} of {petition}, its events {getattr(life, name)}")
                break
    listed, counted = Counter(row["status"] for row in rows.values()), Counter(x.status for x in ended.lives.values())
    if listed != counted:
        yield Wrong(12, f"the list counts {dict(listed)}, the log {dict(counted)}")
    if ended.later is not None:
        rebuilt = {row["petition"]: row for row in ended.later.petitions}
        moved = len(ended.later.events) - len(ended.store.events)
        if sum(rebuilt.get(petition) != row for petition, row in rows.items()) > moved:
            yield Wrong(11, "petition_list is not what a rebuild makes of the log")
        if sorted(ended.later.words) != sorted(ended.store.words):
            yield Wrong(11, "petition_search is not what a rebuild makes of the log")


def _dispatches(ended: Ended) -> Iterable[Wrong]:
    """16: every dispatch is told to its receiver, or is a dead letter, never both; in order for each petition."""
    if ended.topics is None:
        return
    log = {event.id: event for event in (ended.later or ended.store).events}
    letters: dict[str, int] = {}
    """The position from which on a petition's dispatches are dead letters."""
    for subscriber, petition, position, _ in ended.store.letters:
        if subscriber == "dispatch_relay":
            letters[petition] = min(position, letters.get(petition, position))
    first: dict[str, Record] = {}
    newest: Counter[tuple[str, bytes]] = Counter()
    for record in ended.topics.dispatches:
        if record.epoch != ended.store.epoch:
            continue
        petition, _, rest = record.id.partition(":")
        version = rest.partition(":")[0]
        if f"{petition}:{version}" not in log:
            yield Wrong(16, f"{record.id} tells of what is not in the log")
            continue
        if record.id in first:
            if first[record.id].said != record.said:
                yield Wrong(16, f"{record.id} was told twice and differs")
            continue
        first[record.id] = record
        if int(version) < newest[petition, record.key]:
            yield Wrong(16, f"{record.id} was told after version {newest[petition, record.key]}")
        newest[petition, record.key] = max(newest[petition, record.key], int(version))
    dispatched: set[str] = set()
    for event in ended.store.events:
        superior = event.data.get("superior") if event.type == "SupervisionOrdered" else None
        if superior and event.petition in dispatched - letters.keys() and f"{event.id}:{superior}" not in first:
            yield Wrong(16, f"{superior} was not told that it must answer {event.id}")
        if event.type == "PetitionRouted":
            dispatched.add(event.petition)
            issued = first.get(f"{event.id}:{event.data.get('department') or event.data.get('unit')}")
            told = issued is not None and "DispatchIssued" in issued.type
            if told and event.position >= letters.get(event.petition, event.position + 1):
                yield Wrong(16, f"the dispatch {event.id} was told and is a dead letter")
            elif not told and event.petition not in letters:  # what a broker lost of these waits for a redrive
                yield Wrong(16, f"the dispatch {event.id} was not told and is no dead letter")


def _poison(ended: Ended) -> Iterable[Wrong]:
    """17: only what was spoilt stops; 5: and nothing else could not be handled."""
    for subscriber, petition, position, error in ended.store.letters:
        if petition not in ended.spoilt:
            yield Wrong(17, f"{subscriber} could not handle {petition} at {position}: {error}")
    parked = {petition for _, petition, _, _ in ended.store.letters}
    for petition in ended.spoilt:
        if petition not in parked:
            yield Wrong(17, f"{petition} was spoilt and stopped nowhere visibly")


def _letters(ended: Ended) -> Iterable[Wrong]:
    """17: every dead letter is on its topic, repeats byte for byte, and nothing else is said to be one."""
    if ended.topics is None:
        return
    kept = {(who, petition, str(at)) for who, petition, at, _ in ended.store.letters}
    first: dict[str, Record] = {}
    for record in ended.topics.letters:
        if not record.id or record.epoch != ended.store.epoch:
            continue
        who, place, _, at, _ = record.id.split(":")
        if first.setdefault(record.id, record).said != record.said:
            yield Wrong(17, f"the dead letter {record.id} was told twice and differs")
        elif place not in TOPICS and (who, place, at) not in kept:
            yield Wrong(17, f"{record.id} was told as a dead letter and is none")
    told = {tuple(one.split(":")[n] for n in (0, 1, 3)) for one in first}
    for who, petition, at in sorted(kept - told):
        yield Wrong(17, f"nobody was told that {who} could not handle {petition} at {at}")


def _drained(ended: Ended) -> Iterable[Wrong]:
    """23: nothing lags and nothing is overdue."""
    heads = ended.store.heads()
    for subscriber, partition, position in ended.store.checkpoints:
        if "." not in subscriber and position != heads.get(partition, 0):
            yield Wrong(23, f"{subscriber} stands at {position} of {heads.get(partition, 0)} in partition {partition}")
    for petition, name, due in ended.store.deadlines:
        if due < ended.now - 2_000_000 and petition not in ended.spoilt:
            yield Wrong(23, f"{name} of {petition} is overdue by {(ended.now - due) / 1e6:.1f} s")


def _watched(ended: Ended) -> Iterable[Wrong]:
    """28: every unfinished petition has an open deadline, which stands in the table; 13: missed ones are said."""
    table: dict[str, dict[str, int]] = {}
    for petition, name, due in ended.store.deadlines:
        table.setdefault(petition, {})[name] = due
    for petition, life in ended.lives.items():
        due = {name: round(at.timestamp() * 1e6) for name, at in life.open().items()}
        if (life.status, life.severity) == ("withdrawn", "critical"):
            yield Wrong(28, f"{petition} was taken back, and nobody sees to the danger")
        unseen = life.dangers.found_since and life.status != "closed"
        if life.dangers.untold and (unseen or not life.ended):
            yield Wrong(28, f"{petition} is a danger, and nobody tells {sorted(life.dangers.untold)}")
        if unseen:
            yield Wrong(28, f"{petition} proved a danger after it was {life.status}, and nobody opens it again")
        if life.status not in NOT_WATCHED and not due:
            yield Wrong(28, f"{petition} is {life.status} and nothing watches it")
        asked = {name.partition(":")[0] for name in due} & {"hand_off", "supervise"}
        if life.untold and not asked and petition not in ended.spoilt:
            yield Wrong(28, f"nobody is asked who tells of the danger of {petition}")
        if due != table.get(petition, {}):
            yield Wrong(28, f"{petition} waits for {sorted(due)}, and the table says {sorted(table.get(petition, {}))}")
        for one in life.due:
            if one.state == "late":
                yield Wrong(13, f"{one.name} of {petition} was stopped late and nobody said so")


CHECKS: Sequence[Callable[[Ended], Iterable[Wrong]]] = (
    _no_loss, _one_petition_per_key, _contiguous, _legal, _races, _own_writes, _topic, _once, _effects, _kin,
    _read_models, _dispatches, _poison, _letters, _drained, _watched,
)  # fmt: skip
