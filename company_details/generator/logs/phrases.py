"""What each service writes on an ordinary day, and the slots in those lines."""

import re
from collections.abc import Callable
from random import Random

type Phrase = tuple[int, str, str]  # weight, level, text

MERCHANTS = (
    *("quillbrook", "maple-vine", "nordhavn-tools", "casa-azulejo", "brightwater", "ottavio-shoes", "tern-outdoor"),
    *(
        "kestrel-labs",
        "fjordkaffe",
        "mosaic-home",
        "pinecrest",
        "verdant-farms",
        "ironbark",
        "lumen-optics",
        "atelier-9",
    ),
)
ROUTES = ("/v2/checkouts", "/v2/quotes", "/v2/baskets", "/v2/catalog/items", "/v2/search", "/v2/orders", "/v2/tokens")


def _hex(dice: Random, digits: int) -> str:
    return f"{dice.randrange(16**digits):0{digits}x}"


SLOTS: dict[str, Callable[[Random], str]] = {
    "order": lambda dice: f"ord_{dice.randrange(10**7, 10**8)}",
    "cart": lambda dice: f"crt_{_hex(dice, 8)}",
    "payment": lambda dice: f"pay_{_hex(dice, 8)}",
    "merchant": lambda dice: dice.choice(MERCHANTS),
    "route": lambda dice: dice.choice(ROUTES),
    "user": lambda dice: f"usr_{dice.randrange(10**5, 10**6)}",
    "event": lambda dice: f"evt_{_hex(dice, 10)}",
    "sku": lambda dice: f"SKU-{dice.randrange(1000, 99999)}",
    "few": lambda dice: str(dice.randrange(1, 9)),
    "some": lambda dice: str(dice.randrange(10, 90)),
    "many": lambda dice: str(dice.randrange(200, 9000)),
    "ms": lambda dice: str(dice.randrange(12, 380)),
    "slow": lambda dice: str(dice.randrange(900, 2900)),
    "wait": lambda dice: str(dice.randrange(2400, 2999)),
    "ip": lambda dice: f"203.0.113.{dice.randrange(1, 255)}",
    "pid": lambda dice: str(dice.randrange(2000, 65000)),
    "pods": lambda dice: str(dice.randrange(0, 8)),
    "pct": lambda dice: str(dice.randrange(88, 99)),
}
_SLOT = re.compile(r"\{(\w+)\}")


def fill(text: str, dice: Random) -> str:
    """The phrase with each slot filled anew."""
    return _SLOT.sub(lambda match: SLOTS[match.group(1)](dice), text)


PER_MINUTE = {
    "edge-gateway": 0.95,
    "saas-api": 1.35,
    "checkout-worker": 0.75,
    "payments-service": 0.85,
    "billing-service": 0.25,
    "identity-service": 0.75,
    "catalog-service": 0.65,
    "search-service": 0.5,
    "notification-service": 0.9,
    "webhook-dispatcher": 0.65,
    "reporting-service": 0.2,
    "inventory-service": 0.45,
    "orders-db": 0.35,
    "session-cache": 0.25,
}

ORDINARY: dict[str, tuple[Phrase, ...]] = {
    "edge-gateway": (
        (50, "INFO", "request routed path={route} status=200 duration_ms={ms}"),
        (18, "INFO", "request routed path={route} status=404 duration_ms={few}"),
        (10, "INFO", "tls session resumed client={ip}"),
        (7, "WARN", "rate limit applied client={ip} rule=per-ip-default"),
        (3, "WARN", "client closed the connection before the response path={route}"),
        (1, "ERROR", "upstream reset before headers path={route} upstream=saas-api attempt=1, retried"),
    ),
    "saas-api": (
        (40, "INFO", "checkout created cart={cart} merchant={merchant} duration_ms={ms}"),
        (24, "INFO", "quote priced cart={cart} lines={few} duration_ms={ms}"),
        (14, "INFO", "order placed order={order} merchant={merchant}"),
        (6, "INFO", "idempotency key replayed order={order}"),
        (4, "WARN", "discount code rejected merchant={merchant} reason=expired"),
        (3, "WARN", "deprecated field 'ship_to' used by merchant={merchant}; removal planned for v5"),
        (2, "WARN", "slow downstream call catalog-service duration_ms={slow}"),
        (1, "ERROR", "checkout rejected cart={cart}: payment method declined by issuer"),
    ),
    "checkout-worker": (
        (40, "INFO", "order finished order={order} duration_ms={ms}"),
        (16, "INFO", "stock reserved order={order} lines={few}"),
        (14, "INFO", "batch taken size={some} waiting={many}"),
        (5, "WARN", "stock reservation retried order={order} attempt=2"),
        (2, "WARN", "lease on job expired, taken over job={pid}"),
        (1, "ERROR", "confirmation e-mail not queued order={order}: will retry in 60 s"),
    ),
    "payments-service": (
        (40, "INFO", "authorised payment={payment} provider=paybridge duration_ms={ms}"),
        (20, "INFO", "captured payment={payment} duration_ms={ms}"),
        (6, "INFO", "refund accepted payment={payment}"),
        (5, "WARN", "soft decline payment={payment} code=51 insufficient funds"),
        (3, "WARN", "3-D Secure challenge abandoned payment={payment}"),
        (1, "ERROR", "provider answered 502 payment={payment}, retried once and accepted"),
    ),
    "billing-service": (
        (30, "INFO", "usage record stored merchant={merchant} units={many}"),
        (12, "INFO", "invoice drafted merchant={merchant}"),
        (4, "WARN", "VAT number of merchant={merchant} not validated, registry did not answer"),
        (1, "ERROR", "usage record rejected merchant={merchant}: duplicate key, ignored"),
    ),
    "identity-service": (
        (36, "INFO", "token issued user={user} grant=client_credentials duration_ms={few}"),
        (22, "INFO", "session refreshed user={user}"),
        (8, "INFO", "sign-in user={user} method=password"),
        (6, "INFO", "sign-in user={user} method=saml merchant={merchant}"),
        (6, "WARN", "sign-in failed user={user} reason=wrong password"),
        (2, "WARN", "token close to expiry used user={user}"),
        (1, "ERROR", "saml assertion refused merchant={merchant}: clock skew of {some} s"),
    ),
    "catalog-service": (
        (34, "INFO", "item served sku={sku} cache=hit duration_ms={few}"),
        (14, "INFO", "item served sku={sku} cache=miss duration_ms={ms}"),
        (10, "INFO", "price list reloaded merchant={merchant} entries={many}"),
        (4, "INFO", "rendition written sku={sku} bytes={pid}"),
        (3, "WARN", "rendition source missing sku={sku} merchant={merchant}"),
        (1, "ERROR", "price list of merchant={merchant} has an unknown currency, entry skipped"),
    ),
    "search-service": (
        (36, "INFO", "query answered merchant={merchant} hits={many} duration_ms={ms}"),
        (10, "INFO", "segment merged segments={few} duration_ms={slow}"),
        (6, "INFO", "index refreshed merchant={merchant} documents={many}"),
        (3, "WARN", "query without filters merchant={merchant} took {slow} ms"),
        (1, "WARN", "old generation collection paused {ms} ms"),
    ),
    "notification-service": (
        (30, "INFO", "message handed over provider=mailharbor order={order}"),
        (12, "INFO", "message handed over provider=textwise order={order}"),
        (14, "WARN", "provider mailharbor throttled us, backing off {some} s"),
        (12, "WARN", "bounce recorded order={order} code=550 mailbox unavailable"),
        (8, "WARN", "textwise answered 429, batch of {some} requeued"),
        (5, "WARN", "template fallback language used merchant={merchant}"),
        (4, "ERROR", "message not delivered order={order}: recipient refused, not retried"),
    ),
    "webhook-dispatcher": (
        (36, "INFO", "delivered event={event} merchant={merchant} status=200 duration_ms={ms}"),
        (10, "INFO", "batch taken from outbox size={some}"),
        (7, "WARN", "endpoint of merchant={merchant} answered 500 event={event}, retry in {some} s"),
        (4, "WARN", "endpoint of merchant={merchant} took {slow} ms"),
        (1, "ERROR", "gave up event={event} merchant={merchant}: endpoint gone (410)"),
    ),
    "reporting-service": (
        (20, "INFO", "dashboard rendered merchant={merchant} duration_ms={slow}"),
        (10, "INFO", "export written merchant={merchant} rows={many}"),
        (4, "WARN", "export of merchant={merchant} larger than usual rows={pid}"),
        (1, "ERROR", "export of merchant={merchant} cancelled by the user"),
    ),
    "inventory-service": (
        (30, "INFO", "reservation made order={order} lines={few} duration_ms={ms}"),
        (12, "INFO", "stock level synchronised merchant={merchant} items={many}"),
        (4, "WARN", "stock of sku={sku} below zero after reconciliation, set to 0"),
        (2, "WARN", "optimistic lock retry sku={sku} attempt=2"),
    ),
    "orders-db": (
        (20, "INFO", "checkpoint complete: wrote {many} buffers"),
        (12, "INFO", "automatic vacuum of table orders.order_lines: pages removed {few}"),
        (6, "INFO", "connection authorized: user=app_rw database=orders pid={pid}"),
        (4, "WARN", "could not receive data from client: Connection reset by peer pid={pid}"),
        (3, "WARN", "duration: {slow} ms statement: SELECT count(*) FROM exports WHERE state = $1"),
    ),
    "session-cache": (
        (16, "INFO", "background saving terminated with success"),
        (10, "INFO", "{many} keys expired in the last cycle"),
        (3, "WARN", "client id={pid} output buffer close to its limit"),
        (1, "WARN", "replica asks for synchronisation, partial resync accepted"),
    ),
}
