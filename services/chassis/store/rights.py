"""What the services' role may do in a PostgreSQL database beyond its grants on each table; said at every migration.

Services add to the log and make no table. Their read models are the owner's; a rebuild asks two functions of his for a
table beside one, under a name of its own, and to put it in its place.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable

import asyncpg

ROUNDS = 4096
MODEL = "SELECT, INSERT, UPDATE, DELETE, TRUNCATE"
"""On a read model. Nothing else may be emptied at once, which is how the functions know one."""
BESIDE = f"""
CREATE OR REPLACE FUNCTION model_beside(_model text, _mark text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  one regclass;
BEGIN
  IF NOT has_table_privilege('gridcase_service', _model, 'TRUNCATE') THEN
    RAISE insufficient_privilege USING MESSAGE = format('%s is no read model', _model);
  END IF;
  FOR one IN SELECT oid FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
      AND starts_with(relname::text, _model || '__new') LOOP
    EXECUTE format('DROP TABLE %s', one);
  END LOOP;
  EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', _model || '__new' || _mark, _model);
  EXECUTE format('GRANT {MODEL} ON %I TO gridcase_service', _model || '__new' || _mark);
END
$$
"""  # noqa: S608 - put together from constants
SWITCH = """
CREATE OR REPLACE FUNCTION model_switch(_model text, _mark text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT has_table_privilege('gridcase_service', _model, 'TRUNCATE') THEN
    RAISE insufficient_privilege USING MESSAGE = format('%s is no read model', _model);
  END IF;
  EXECUTE format('DROP TABLE %I', _model);
  EXECUTE format('ALTER TABLE %I RENAME TO %I', _model || '__new' || _mark, _model);
END
$$
"""
TAKEN_BACK = f"""
DO $$
DECLARE
  one regclass;
BEGIN
  FOR one IN SELECT oid FROM pg_class WHERE relkind = 'r' AND relowner = 'gridcase_service'::regrole LOOP
    EXECUTE format('ALTER TABLE %s OWNER TO CURRENT_USER', one);
    EXECUTE format('GRANT {MODEL} ON %s TO gridcase_service', one);
  END LOOP;
  EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
  REVOKE CREATE ON SCHEMA public FROM gridcase_service;
END
$$
"""  # noqa: S608 - put together from constants


def rights(models: Iterable[str] = ()) -> list[str]:
    """SQL for the owner of a database; `models` are read models that he made just now."""
    return [
        BESIDE,
        SWITCH,
        "REVOKE EXECUTE ON FUNCTION model_beside(text, text), model_switch(text, text) FROM PUBLIC",
        "GRANT EXECUTE ON FUNCTION model_beside(text, text), model_switch(text, text) TO gridcase_service",
        TAKEN_BACK,
        *(f"GRANT {MODEL} ON {model} TO gridcase_service" for model in models),
    ]


async def let_services_log_in(url: str, password: str) -> None:
    """Give the services' role of this server a login with this password, as another role that may make roles."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(f"ALTER ROLE gridcase_service LOGIN PASSWORD '{verifier(password)}'")
    finally:
        await connection.close()


def verifier(password: str) -> str:
    """What PostgreSQL keeps of a password, made here so that the password itself stands in no log of the server."""
    salt = secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, ROUNDS)
    client, server = (hmac.digest(salted, name, "sha256") for name in (b"Client Key", b"Server Key"))
    kept = (base64.b64encode(part).decode() for part in (salt, hashlib.sha256(client).digest(), server))
    return "SCRAM-SHA-256${rounds}:{}${}:{}".format(*kept, rounds=ROUNDS)
