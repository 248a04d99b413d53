-- What the PostgreSQL engine does under a lock, so that no lock waits for the network. A revision of the migrations
-- installs this file; a change of it needs a new revision.

-- Whoever appends to a partition holds its lock until it has committed: positions are given in commit order, and a
-- reader that sees one sees all before it. In sorted order, so that two appends cannot wait for each other.
CREATE OR REPLACE FUNCTION es_lock(_partitions smallint[]) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  one smallint;
BEGIN
  FOR one IN SELECT DISTINCT p FROM unnest(_partitions) AS p ORDER BY p LOOP
    PERFORM pg_advisory_xact_lock(1702063980, one);
  END LOOP;
END
$$;

-- Appends all of it, or nothing and answers null when a stream has another version than expected or a key is taken.
-- Positions come counted from 1 in each partition; the answer is the head before them, for each of `_partitions`.
-- VOLATILE, so that each statement sees what was committed before it began: those after es_lock see everything that
-- the locks were waited for. The look-ups are scalar subqueries, which are never planned as a scan of the whole table.
CREATE OR REPLACE FUNCTION es_append(
  _recorded_at bigint, _partitions smallint[],
  _streams uuid[], _expected integer[],
  _asked_scopes text[], _asked_hashes bytea[],
  _scopes text[], _hashes bytea[], _owners uuid[], _bodies bytea[],
  _places smallint[], _positions bigint[], _ids uuid[], _versions integer[],
  _types text[], _schema_versions smallint[], _data text[], _meta text[]
) RETURNS bigint[]
LANGUAGE plpgsql VOLATILE SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  heads bigint[];
  answer bigint[] := '{}';
  one smallint;
BEGIN
  PERFORM es_lock(_partitions);
  IF EXISTS (
    SELECT FROM unnest(_streams, _expected) AS w(id, expected)
    WHERE w.expected <> coalesce((SELECT max(e.version) FROM es_event e WHERE e.stream_id = w.id), 0)
  ) OR EXISTS (
    SELECT FROM unnest(_asked_scopes, _asked_hashes) AS a(scope, hash)
    WHERE (SELECT true FROM es_key k WHERE k.scope = a.scope AND k.key_hash = a.hash)
  ) THEN
    RETURN NULL;
  END IF;
  FOREACH one IN ARRAY _partitions LOOP
    heads[one] := coalesce((SELECT max(e.position) FROM es_event e WHERE e.partition = one), 0);
    answer := answer || heads[one];
  END LOOP;
  INSERT INTO es_event (partition, position, stream_id, version, type, schema_version, data, meta, recorded_at)
  SELECT e.place, heads[e.place] + e.n, e.id, e.version, e.type, e.schema_version, e.data, e.meta, _recorded_at
  FROM unnest(_places, _positions, _ids, _versions, _types, _schema_versions, _data, _meta)
    AS e(place, n, id, version, type, schema_version, data, meta);
  INSERT INTO es_key (scope, key_hash, stream_id, body_hmac)
  SELECT * FROM unnest(_scopes, _hashes, _owners, _bodies);
  RETURN answer;
END
$$;

-- Moves checkpoints by compare-and-swap; false when one has moved or changed hands, and then the caller rolls back.
CREATE OR REPLACE FUNCTION es_move(
  _subscribers text[], _partitions smallint[], _old bigint[], _new bigint[], _epochs bigint[]
) RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  one record;
BEGIN
  FOR one IN
    SELECT * FROM unnest(_subscribers, _partitions, _old, _new, _epochs) AS m(subscriber, place, old, new, epoch)
    ORDER BY m.subscriber COLLATE "C", m.place
  LOOP
    UPDATE es_checkpoint c SET position = one.new
    WHERE c.subscriber = one.subscriber AND c.partition = one.place AND c.position = one.old AND c.epoch = one.epoch;
    IF NOT FOUND THEN
      RETURN false;
    END IF;
  END LOOP;
  RETURN true;
END
$$;

-- Up to `_limit` events beyond these positions, at least one of each partition that has any. The busiest comes last and
-- gets what the others leave. STABLE: all of it from the snapshot of the query that asks.
CREATE OR REPLACE FUNCTION es_read(_partitions smallint[], _after bigint[], _limit integer) RETURNS SETOF es_event
LANGUAGE plpgsql STABLE SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  busy record;
  left_over integer := _limit;
  got integer;
BEGIN
  FOR busy IN
    SELECT w.place, w.after, count(*) OVER () - row_number() OVER (ORDER BY w.waiting, w.n) + 1 AS still
    FROM (
      SELECT a.place, a.after, a.n,
        coalesce((SELECT max(e.position) FROM es_event e WHERE e.partition = a.place), 0) - a.after AS waiting
      FROM unnest(_partitions, _after) WITH ORDINALITY AS a(place, after, n)
    ) AS w
    WHERE w.waiting > 0
    ORDER BY w.waiting, w.n
  LOOP
    RETURN QUERY
      SELECT * FROM es_event e
      WHERE e.partition = busy.place AND e.position > busy.after
      ORDER BY e.position
      LIMIT greatest(1, left_over / busy.still);
    GET DIAGNOSTICS got = ROW_COUNT;
    left_over := left_over - got;
  END LOOP;
END
$$;
