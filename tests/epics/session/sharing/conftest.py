"""The engines of the shared state serve sessions as well."""

from ...shared.conftest import nats_server, private_nats, private_redis, redis_server  # noqa: F401 -- fixtures
