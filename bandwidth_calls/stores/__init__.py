"""What the processes of a fleet share: a token and the replies to webhooks, in a database or in Redis.

    async with RedisStore("redis://localhost") as store:
        credentials = ClientCredentials(client_id, client_secret, store=store.tokens)
        webhooks = Webhooks("username", "password", dedupe=store.dedupe)

`bandwidth_calls.stores.database` has `DatabaseStore` (extra `campaigns`), `bandwidth_calls.stores.redis` has
`RedisStore` (extra `redis`).
"""
