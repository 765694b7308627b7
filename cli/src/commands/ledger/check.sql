-- Where the books and what they are about disagree; no row when all is well. Everything is worked out from
-- the raw entries and rows, by none of the functions that wrote them. One statement: it sees one moment.
--
-- finding:         which rule is broken
-- id:              of what: the transaction, account, session, leg, order, refund, withdrawal, workflow or
--                  money that settles nothing
-- expected, found: what the rule asks for, and what is there
-- detail:          which part of it
WITH entry AS (
    -- In the account's own direction: debts grow by debits.
    SELECT e.*, a.kind, a.owner_id, a.provider, a.currency AS account_currency,
           CASE a.kind WHEN 'seller_debt' THEN -e.amount ELSE e.amount END::numeric AS change
    FROM payment.ledger_entry e JOIN payment.ledger_account a ON a.id = e.account_id
), account AS (
    SELECT a.*, coalesce(e.total, 0) AS total, coalesce(e.count, 0) AS count, coalesce(e.last, 0) AS last
    FROM payment.ledger_account a
    LEFT JOIN (SELECT account_id, sum(change) AS total, count(*), max(sequence) AS last
               FROM entry GROUP BY account_id) e ON e.account_id = a.id
), chain AS (
    SELECT e.*,
           lag(e.balance_after, 1, 0) OVER w AS before,
           row_number() OVER w AS place
    FROM entry e WHERE e.sequence IS NOT NULL
    WINDOW w AS (PARTITION BY e.account_id ORDER BY e.sequence)
), kept AS (
    -- What is left of an escrow: a refund takes its share, rounded half to even, of everything. In whole
    -- numbers, since no quotient of this size is exact.
    SELECT e.*, e.goods::numeric + e.shipping AS whole, x.subsidy_left, x.commission_left, x.cashback_left
    FROM payment.escrow e
    CROSS JOIN LATERAL (
        SELECT max(s.remains) FILTER (WHERE s.what = 'subsidy') AS subsidy_left,
               max(s.remains) FILTER (WHERE s.what = 'commission') AS commission_left,
               max(s.remains) FILTER (WHERE s.what = 'cashback') AS cashback_left
        FROM (SELECT v.what,
                     v.amount - CASE WHEN e.goods::numeric + e.shipping = 0 THEN 0 ELSE
                         q.quotient + CASE WHEN 2 * q.rest > e.goods::numeric + e.shipping
                                             OR (2 * q.rest = e.goods::numeric + e.shipping
                                                 AND mod(q.quotient, 2) = 1) THEN 1 ELSE 0 END END AS remains
              FROM (VALUES ('subsidy', e.subsidy), ('commission', e.commission),
                           ('cashback', e.cashback_by_platform)) AS v(what, amount)
              CROSS JOIN LATERAL (
                  SELECT div(v.amount::numeric * e.refunded, nullif(e.goods::numeric + e.shipping, 0)) AS quotient,
                         mod(v.amount::numeric * e.refunded, nullif(e.goods::numeric + e.shipping, 0)) AS rest) q
             ) s) x
), held AS (
    SELECT k.order_id, k.currency, k.provider,
           k.whole - k.refunded AS cash, k.whole - k.refunded + k.subsidy_left AS money, k.cashback_left
    FROM kept k WHERE k.state = 'held'
), back AS (
    SELECT g.*, r.session_id, r.reference, l.method
    FROM payment.refund_leg g JOIN payment.refund r ON r.id = g.refund_id JOIN payment.leg l ON l.id = g.leg_id
), posted AS (
    -- What each transaction did to each kind of account.
    SELECT t.key, e.kind, sum(e.amount) AS amount
    FROM payment.ledger_transaction t JOIN entry e ON e.transaction_id = t.id
    GROUP BY t.key, e.kind
), taking AS (
    -- What providers took back of a session's payments and gave back again, as posted, and when the last
    -- was taken.
    SELECT t.reference AS session_id, -sum(e.amount) AS amount,
           max(t.posted_at) FILTER (WHERE t.key LIKE 'chargeback:%') AS last
    FROM payment.ledger_transaction t JOIN entry e ON e.transaction_id = t.id AND e.kind = 'chargebacks'
    WHERE t.key LIKE 'chargeback:%' OR t.key LIKE 'reinstated:%'
    GROUP BY t.reference
), taken AS (
    -- And as the legs have it.
    SELECT l.session_id, sum(l.charged_back::numeric - l.recovered) AS amount,
           bool_or(l.charged_back > 0) AS any, bool_or(l.charged_back > l.covered) AS missing
    FROM payment.leg l GROUP BY l.session_id
), gone AS (
    -- Where each part of a refund went, whether at once or after it had failed at the provider.
    SELECT b.id, coalesce(sum(p.amount) FILTER (WHERE p.kind = 'provider_clearing'), 0) AS provider,
           coalesce(sum(p.amount) FILTER (WHERE p.kind = 'wallet'), 0) AS wallet,
           coalesce(sum(p.amount) FILTER (WHERE p.kind = 'chargebacks'), 0) AS covered
    FROM back b LEFT JOIN posted p ON p.key IN ('refund_leg:' || b.id, 'refund_leg:' || b.id || ':failed')
    GROUP BY b.id
), credit AS (
    -- What was given to wallets of money that settles nothing.
    SELECT substr(t.key, 11) AS id,
           CASE WHEN count(*) = 2 AND count(*) FILTER (WHERE e.kind = 'wallet') = 1
                     AND count(*) FILTER (WHERE e.kind = 'provider_clearing') = 1
                THEN concat_ws(' ', max(e.amount) FILTER (WHERE e.kind = 'wallet'), max(e.account_currency), 'from',
                               max(e.provider), 'to', max(e.owner_id::text))
                ELSE 'other entries' END AS posted
    FROM payment.ledger_transaction t JOIN entry e ON e.transaction_id = t.id
    WHERE t.key LIKE 'unmatched:%'
    GROUP BY t.key
), voided AS (
    -- What providers gave back of that, as posted.
    SELECT substr(t.key, 8) AS id,
           CASE WHEN count(*) = 2 AND count(*) FILTER (WHERE e.kind = 'chargebacks') = 1
                     AND count(*) FILTER (WHERE e.kind = 'provider_clearing') = 1
                THEN concat_ws(' ', -sum(e.amount) FILTER (WHERE e.kind = 'chargebacks'), max(e.account_currency),
                               'by', max(e.provider))
                ELSE 'other entries' END AS posted
    FROM payment.ledger_transaction t JOIN entry e ON e.transaction_id = t.id
    WHERE t.key LIKE 'voided:%'
    GROUP BY t.key
), told AS (
    -- Orders whose events payment has still to consume: their money follows.
    SELECT DISTINCT d.subject AS order_id FROM "order".delivery d
    WHERE d.consumer = 'payment' AND d.dead_at IS NULL
), busy AS (
    SELECT w.id FROM payment.workflow w WHERE w.status IN ('running', 'waiting', 'undoing')
), finding(finding, id, expected, found, detail) AS (
    SELECT 'transaction_unbalanced', t.id::text, 0::text, sum(e.amount)::text, t.key || ' in ' || e.currency
    FROM payment.ledger_transaction t JOIN entry e ON e.transaction_id = t.id
    GROUP BY t.id, t.key, e.currency HAVING sum(e.amount) <> 0
    UNION ALL
    SELECT 'transaction_empty', t.id::text, 'entries', 'none', t.key FROM payment.ledger_transaction t
    WHERE NOT EXISTS (SELECT 1 FROM payment.ledger_entry e WHERE e.transaction_id = t.id)
    UNION ALL
    SELECT 'entry_currency', e.transaction_id::text, e.account_currency::text, e.currency::text,
           'position ' || e.position
    FROM entry e WHERE e.currency <> e.account_currency
    UNION ALL
    SELECT 'balance_differs', a.id::text, a.total::text, a.balance::text,
           concat_ws(' ', a.kind, a.owner_id, a.currency)
    FROM account a WHERE a.balance IS NOT NULL AND a.balance <> a.total
    UNION ALL
    SELECT 'entries_missing', a.id::text, a.entries::text, a.count::text,
           concat_ws(' ', a.kind, a.owner_id, a.currency)
    FROM account a WHERE a.balance IS NOT NULL AND (a.entries <> a.count OR a.entries <> a.last)
    UNION ALL
    SELECT 'balance_chain', c.account_id::text, (c.before + c.change)::text, c.balance_after::text,
           'entry ' || c.sequence || ', transaction ' || c.transaction_id
    FROM chain c
    WHERE c.balance_after <> c.before + c.change OR c.balance_after < 0 OR c.place <> c.sequence
    UNION ALL
    -- Escrow.
    SELECT 'escrow_differs', coalesce(h.order_id, a.owner_id)::text, coalesce(h.money, 0)::text,
           coalesce(a.total, 0)::text, coalesce(h.currency, a.currency)::text
    FROM held h
    FULL JOIN (SELECT * FROM account WHERE kind = 'escrow') a
        ON a.owner_id = h.order_id AND a.currency = h.currency
    WHERE coalesce(h.money, 0) <> coalesce(a.total, 0)
    UNION ALL
    SELECT 'escrow_refunded', e.order_id::text, x.asked::text, e.refunded::text, e.state
    FROM payment.escrow e
    LEFT JOIN payment.refund whole ON whole.reference = 'session:' || e.session_id || ':refund'
    LEFT JOIN (SELECT order_id, sum(amount) AS amount FROM payment.refund GROUP BY order_id) r
        ON r.order_id = e.order_id
    CROSS JOIN LATERAL (
        SELECT CASE WHEN whole.id IS NOT NULL THEN e.goods::numeric + e.shipping
                    ELSE coalesce(r.amount, 0) END AS asked) x
    WHERE x.asked <> e.refunded
    UNION ALL
    SELECT 'commission_differs', k.order_id::text, x.expected::text, x.found::text, k.state
    FROM kept k
    LEFT JOIN (SELECT t.reference, sum(e.amount) AS amount
               FROM payment.ledger_transaction t
               JOIN entry e ON e.transaction_id = t.id AND e.kind = 'platform_revenue'
               GROUP BY t.reference) earned ON earned.reference = k.order_id
    CROSS JOIN LATERAL (
        SELECT CASE k.state WHEN 'released' THEN k.commission_left ELSE 0 END::numeric AS expected,
               coalesce(earned.amount, 0) AS found) x
    WHERE x.expected <> x.found
    UNION ALL
    SELECT 'cashback_owed', 'cashback_liability', x.expected::text, x.found::text, x.currency::text
    FROM (SELECT currency, sum(expected) AS expected, sum(found) AS found
          FROM (SELECT currency, cashback_left AS expected, 0::numeric AS found FROM held
                UNION ALL
                SELECT currency, 0, total FROM account WHERE kind = 'cashback_liability') y
          GROUP BY currency) x
    WHERE x.expected <> x.found
    UNION ALL
    SELECT 'cash_owed', 'cod_receivable', x.expected::text, x.found::text, x.currency::text
    FROM (SELECT currency, sum(expected) AS expected, sum(found) AS found
          FROM (SELECT currency, -cash AS expected, 0::numeric AS found FROM held WHERE provider = 'cod'
                UNION ALL
                SELECT currency, 0, total FROM account WHERE kind = 'cod_receivable') y
          GROUP BY currency) x
    WHERE x.expected <> x.found
    UNION ALL
    -- Sessions and their legs.
    SELECT 'session_settled', s.id::text, coalesce(l.settled, 0)::text, s.settled::text, s.state
    FROM payment.session s
    LEFT JOIN (SELECT session_id, sum(amount) AS settled FROM payment.leg WHERE state = 'settled'
               GROUP BY session_id) l ON l.session_id = s.id
    WHERE s.settled <> coalesce(l.settled, 0) OR (s.state = 'settled' AND s.settled <> s.total)
    UNION ALL
    SELECT 'session_refunded', s.id::text, coalesce(l.refunded, 0)::text, s.refunded::text, s.state
    FROM payment.session s
    LEFT JOIN (SELECT session_id, sum(refunded) AS refunded FROM payment.leg WHERE state = 'settled'
               GROUP BY session_id) l ON l.session_id = s.id
    WHERE s.refunded <> coalesce(l.refunded, 0)
       OR (s.state IN ('cancelled', 'expired') AND s.refunded <> s.settled)
    UNION ALL
    -- An open session's funds are what came in; a closed one's only what is on its way back.
    SELECT 'session_funds', coalesce(s.id, a.owner_id)::text, coalesce(s.funds, 0)::text,
           coalesce(a.total, 0)::text, s.state
    FROM (SELECT s.id, s.state, s.currency,
                 CASE s.state WHEN 'open' THEN s.settled::numeric - s.refunded ELSE 0 END
                 + coalesce(b.amount, 0) AS funds
          FROM payment.session s
          LEFT JOIN (SELECT session_id, sum(amount) AS amount FROM back WHERE state = 'pending'
                     GROUP BY session_id) b ON b.session_id = s.id
          WHERE s.payer_id IS NOT NULL) s
    FULL JOIN (SELECT * FROM account WHERE kind = 'session_funds') a
        ON a.owner_id = s.id AND a.currency = s.currency
    WHERE coalesce(s.funds, 0) <> coalesce(a.total, 0)
    UNION ALL
    SELECT 'session_escrow', s.id::text, s.total::text, coalesce(e.paid, 0)::text, 'orders of it'
    FROM payment.session s
    LEFT JOIN (SELECT session_id, sum(goods::numeric + shipping) AS paid FROM payment.escrow
               WHERE provider <> 'cod' GROUP BY session_id) e ON e.session_id = s.id
    WHERE s.payer_id IS NOT NULL AND coalesce(e.paid, 0) <> CASE s.state WHEN 'settled' THEN s.total ELSE 0 END
    UNION ALL
    SELECT 'leg_posting', l.id::text, x.expected::text, x.found::text, l.state
    FROM payment.leg l
    LEFT JOIN posted p
        ON p.key = CASE l.method WHEN 'wallet' THEN 'session:' || l.session_id || ':wallet'
                                 ELSE 'leg:' || l.id || ':settled' END
       AND p.kind = 'session_funds'
    CROSS JOIN LATERAL (
        SELECT CASE WHEN l.state IN ('settled', 'late') THEN l.amount ELSE 0 END::numeric AS expected,
               coalesce(p.amount, 0) AS found) x
    WHERE x.expected <> x.found
    UNION ALL
    SELECT 'leg_refunded', l.id::text, x.expected::text, l.refunded::text, l.state
    FROM payment.leg l JOIN payment.session s ON s.id = l.session_id
    LEFT JOIN (SELECT leg_id, sum(amount) AS amount FROM back GROUP BY leg_id) b ON b.leg_id = l.id
    CROSS JOIN LATERAL (
        SELECT CASE WHEN l.method = 'wallet' AND s.state IN ('cancelled', 'expired') THEN l.amount
                    ELSE coalesce(b.amount, 0) END AS expected) x
    WHERE x.expected <> l.refunded
    UNION ALL
    -- Refunds.
    SELECT 'refund_legs', r.id::text, r.amount::text, coalesce(b.amount, 0)::text, r.reference
    FROM payment.refund r
    LEFT JOIN (SELECT refund_id, sum(amount) AS amount FROM back GROUP BY refund_id) b ON b.refund_id = r.id
    WHERE coalesce(b.amount, 0) <> r.amount
      AND NOT EXISTS (SELECT 1 FROM payment.escrow e WHERE e.order_id = r.order_id AND e.provider = 'cod')
    UNION ALL
    SELECT 'refund_state', r.id::text, CASE WHEN x.open THEN 'pending' ELSE 'done' END, r.state, r.reference
    FROM payment.refund r
    CROSS JOIN LATERAL (SELECT EXISTS (SELECT 1 FROM payment.refund_leg g
                                       WHERE g.refund_id = r.id AND g.state = 'pending') AS open) x
    WHERE x.open <> (r.state = 'pending')
    UNION ALL
    SELECT 'refund_posting', r.id::text, r.amount::text, coalesce(p.amount, 0)::text, r.reference
    FROM payment.refund r
    LEFT JOIN posted p ON p.key = 'refund:' || r.id AND p.kind = 'session_funds'
    WHERE r.order_id IS NOT NULL AND coalesce(p.amount, 0) <> r.amount
      AND NOT EXISTS (SELECT 1 FROM payment.escrow e WHERE e.order_id = r.order_id AND e.provider = 'cod')
    UNION ALL
    SELECT 'refund_posting', r.id::text, 'posted', 'not posted', r.reference
    FROM payment.refund r JOIN payment.escrow e ON e.order_id = r.order_id AND e.provider = 'cod'
    WHERE NOT EXISTS (SELECT 1 FROM payment.ledger_transaction t WHERE t.key = 'refund:' || r.id)
    UNION ALL
    SELECT 'refund_leg_posting', b.id::text, x.expected::text, x.found::text, b.reference || ' ' || b.state
    FROM back b
    LEFT JOIN posted p ON p.key = 'refund_leg:' || b.id AND p.kind = 'session_funds'
    CROSS JOIN LATERAL (
        SELECT CASE b.state WHEN 'pending' THEN 0 ELSE -b.amount END::numeric AS expected,
               coalesce(p.amount, 0) AS found) x
    WHERE x.expected <> x.found
    UNION ALL
    SELECT 'refund_leg_way', b.id::text, b.state, x.found, b.reference
    FROM back b JOIN gone g ON g.id = b.id
    CROSS JOIN LATERAL (
        SELECT CASE WHEN g.provider = 0 AND g.wallet = 0 AND g.covered = 0 THEN 'pending'
                    WHEN b.method = 'wallet' AND g.wallet = b.amount AND g.provider = 0 AND g.covered = 0 THEN 'done'
                    WHEN g.provider = b.amount AND g.wallet = 0 AND g.covered = 0 THEN 'done'
                    WHEN g.provider = 0 AND g.wallet > 0 AND g.covered >= 0
                         AND g.wallet + g.covered = b.amount THEN 'to_wallet'
                    WHEN g.provider = 0 AND g.wallet = 0 AND g.covered = b.amount THEN 'charged_back'
                    ELSE concat_ws(' ', g.provider, 'at the provider,', g.wallet, 'in the wallet,', g.covered,
                                   'set off') END AS found) x
    WHERE x.found <> b.state
    UNION ALL
    SELECT 'refund_posting', r.id::text, r.amount::text, coalesce(p.amount, 0)::text, r.reference
    FROM payment.refund r LEFT JOIN posted p ON p.key = r.reference AND p.kind = 'session_funds'
    WHERE r.reference = 'session:' || r.session_id || ':refund' AND coalesce(p.amount, 0) <> r.amount
    UNION ALL
    -- What providers took back.
    SELECT 'charge_backs', coalesce(l.session_id, p.session_id)::text, coalesce(p.amount, 0)::text,
           coalesce(l.amount, 0)::text, 'of its legs, less what came back'
    FROM taken l FULL JOIN taking p ON p.session_id = l.session_id
    WHERE coalesce(l.amount, 0) <> coalesce(p.amount, 0)
    UNION ALL
    SELECT 'charge_backs_covered', l.id::text, coalesce(g.covered, 0)::text, l.covered::text, 'by refunds'
    FROM payment.leg l
    LEFT JOIN (SELECT b.leg_id, sum(g.covered) AS covered FROM back b JOIN gone g ON g.id = b.id
               GROUP BY b.leg_id) g ON g.leg_id = l.id
    WHERE l.covered <> coalesce(g.covered, 0)
    UNION ALL
    SELECT 'charge_backs_borne', 'chargebacks', x.expected::text, x.found::text, x.currency::text
    FROM (SELECT currency, sum(expected) AS expected, sum(found) AS found
          FROM (SELECT currency, covered::numeric + recovered - charged_back AS expected, 0::numeric AS found
                FROM payment.leg
                UNION ALL
                SELECT currency::char(3), -amount, 0 FROM payment.unmatched_payment
                WHERE state = 'credited' AND voided_by IS NOT NULL
                UNION ALL
                SELECT currency, 0, total FROM account WHERE kind = 'chargebacks') y
          GROUP BY currency) x
    WHERE x.expected <> x.found
    UNION ALL
    -- What was taken back freezes what is held, until nothing is missing or somebody decides.
    SELECT 'escrow_frozen', e.order_id::text, x.expected, x.found, e.state
    FROM payment.escrow e
    LEFT JOIN taken l ON l.session_id = e.session_id
    LEFT JOIN taking p ON p.session_id = e.session_id
    CROSS JOIN LATERAL (
        SELECT CASE WHEN e.state = 'held' AND l.missing AND p.last > greatest(e.held_at, e.thawed_at)
                    THEN 'frozen'
                    WHEN e.state <> 'held' OR l.any IS NOT TRUE THEN 'not frozen' END AS expected,
               CASE WHEN e.frozen_at IS NULL THEN 'not frozen' ELSE 'frozen' END AS found) x
    WHERE x.expected <> x.found
    UNION ALL
    SELECT 'release_due', e.order_id::text, 'a completed order, frozen', coalesce(o.status, 'no order'), e.state
    FROM payment.escrow e LEFT JOIN "order"."order" o ON o.id = e.order_id
    WHERE e.release_due AND (e.frozen_at IS NULL OR o.status <> 'completed')
    UNION ALL
    -- Money that settles nothing.
    SELECT 'unmatched_posting', coalesce(u.id, c.id), coalesce(u.expected, 'nothing'),
           coalesce(c.posted, 'nothing'), coalesce(u.state, 'of no such money')
    FROM (SELECT id::text AS id, state,
                 CASE state WHEN 'credited'
                      THEN concat_ws(' ', amount, currency, 'from', provider, 'to', payer_id) END AS expected
          FROM payment.unmatched_payment) u
    FULL JOIN credit c ON c.id = u.id
    WHERE coalesce(u.expected, 'nothing') <> coalesce(c.posted, 'nothing')
    UNION ALL
    SELECT 'unmatched_voided', coalesce(u.id, v.id), coalesce(u.expected, 'nothing'),
           coalesce(v.posted, 'nothing'), coalesce(u.state, 'of no such money')
    FROM (SELECT id::text AS id, state,
                 CASE WHEN state = 'credited' AND voided_by IS NOT NULL
                      THEN concat_ws(' ', amount, currency, 'by', provider) END AS expected
          FROM payment.unmatched_payment) u
    FULL JOIN voided v ON v.id = u.id
    WHERE coalesce(u.expected, 'nothing') <> coalesce(v.posted, 'nothing')
    UNION ALL
    SELECT 'unmatched_settled', u.id::text, 'an attempt that it settled', 'none',
           concat_ws(' ', u.provider_ref, 'at', u.provider)
    FROM payment.unmatched_payment u
    WHERE u.state = 'settled' AND NOT EXISTS (
        SELECT 1 FROM payment.leg l
        WHERE l.provider = u.provider AND l.provider_ref = u.provider_ref AND l.state IN ('settled', 'late'))
    UNION ALL
    SELECT 'unmatched_returned', u.id::text, 'somebody who decided it', 'nobody',
           concat_ws(' ', u.amount, u.currency, 'at', u.provider)
    FROM payment.unmatched_payment u
    WHERE u.state = 'returned' AND u.decided_by IS NULL AND u.voided_by IS NULL
      -- These give back by themselves.
      AND u.provider NOT IN ('sandbox', 'sandbox_instant', 'sandbox_decline')
    UNION ALL
    -- Withdrawals.
    SELECT 'withdrawals_differ', coalesce(w.account_id, a.owner_id)::text, coalesce(w.amount, 0)::text,
           coalesce(a.total, 0)::text, coalesce(w.currency, a.currency)::text
    FROM (SELECT account_id, currency, sum(amount) AS amount FROM payment.withdrawal
          WHERE state IN ('requested', 'approved') GROUP BY account_id, currency) w
    FULL JOIN (SELECT * FROM account WHERE kind = 'pending_withdrawal') a
        ON a.owner_id = w.account_id AND a.currency = w.currency
    WHERE coalesce(w.amount, 0) <> coalesce(a.total, 0)
    UNION ALL
    -- Orders. Those whose events are on the way, and those of a checkout that is still at it, come later.
    SELECT 'escrow_without_order', e.order_id::text, 'an order', 'none', e.state
    FROM payment.escrow e
    WHERE e.state <> 'void'
      AND NOT EXISTS (SELECT 1 FROM "order"."order" o WHERE o.id = e.order_id)
      AND NOT EXISTS (SELECT 1 FROM payment.refund r WHERE r.reference = 'session:' || e.session_id || ':refund')
      -- Undone when all of it had been refunded before.
      AND NOT (e.state = 'refunded' AND EXISTS (
          SELECT 1 FROM payment.session s WHERE s.id = e.session_id AND s.state = 'settled' AND s.reason IS NOT NULL))
      AND NOT (e.state = 'refunded' AND e.goods + e.shipping = 0)
      AND NOT EXISTS (SELECT 1 FROM "order".workflow w
                      WHERE w.id = e.session_id AND w.status IN ('running', 'waiting', 'undoing'))
    UNION ALL
    SELECT 'order_without_escrow', o.id::text, 'an escrow', 'none', o.status
    FROM "order"."order" o
    WHERE NOT EXISTS (SELECT 1 FROM payment.escrow e WHERE e.order_id = o.id)
      AND NOT EXISTS (SELECT 1 FROM told d WHERE d.order_id = o.id)
    UNION ALL
    SELECT 'escrow_state', o.id::text,
           CASE WHEN o.status = 'completed' THEN 'released'
                WHEN o.status IN ('cancelled', 'refunded') THEN 'refunded'
                WHEN e.provider = 'cod' AND o.status <> 'delivered' THEN 'expected'
                ELSE 'held' END,
           e.state, 'the order is ' || o.status
    FROM "order"."order" o JOIN payment.escrow e ON e.order_id = o.id
    WHERE NOT EXISTS (SELECT 1 FROM told d WHERE d.order_id = o.id)
      -- Frozen, and paid out when it thaws.
      AND NOT (o.status = 'completed' AND e.state = 'held' AND e.release_due)
      AND NOT e.state = ANY (CASE o.status
          WHEN 'completed' THEN ARRAY['released', 'refunded']
          WHEN 'refunded' THEN ARRAY['released', 'refunded']
          WHEN 'cancelled' THEN ARRAY['refunded', 'void']
          WHEN 'delivered' THEN ARRAY['held', 'refunded']
          ELSE CASE e.provider WHEN 'cod' THEN ARRAY['expected'] ELSE ARRAY['held', 'refunded'] END END)
    UNION ALL
    SELECT 'escrow_amount', o.id::text, o.total::text, (e.goods::numeric + e.shipping)::text, o.currency::text
    FROM "order"."order" o JOIN payment.escrow e ON e.order_id = o.id
    WHERE e.session_id IS NOT NULL AND (o.total <> e.goods::numeric + e.shipping OR o.currency <> e.currency)
    UNION ALL
    -- Nothing waits for ever: what is open has somebody who works on it.
    SELECT 'session_overdue', s.id::text, 'closed by ' || s.expires_at, s.state, NULL
    FROM payment.session s WHERE s.state = 'open' AND s.expires_at < shared.now() - interval '1 day'
    UNION ALL
    SELECT 'payment_unmatched', u.id::text, 'decided by ' || u.found_at + interval '1 day', u.state,
           concat_ws(' ', u.amount, u.currency, 'at', u.provider)
    FROM payment.unmatched_payment u WHERE u.state = 'open' AND u.found_at < shared.now() - interval '1 day'
    UNION ALL
    SELECT 'attempt_abandoned', l.id::text, 'a workflow', 'none', l.state || ' at ' || l.provider
    FROM payment.leg l
    WHERE l.state IN ('created', 'pending') AND NOT EXISTS (SELECT 1 FROM busy b WHERE b.id = l.id)
    UNION ALL
    SELECT 'refund_abandoned', r.id::text, 'a workflow', 'none', r.reference
    FROM payment.refund r
    WHERE r.state = 'pending' AND NOT EXISTS (SELECT 1 FROM busy b WHERE b.id = r.id)
    UNION ALL
    SELECT 'withdrawal_abandoned', w.id::text, 'a workflow', 'none', w.state
    FROM payment.withdrawal w
    WHERE w.state IN ('requested', 'approved') AND NOT EXISTS (SELECT 1 FROM busy b WHERE b.id = w.id)
    UNION ALL
    SELECT 'workflow_stuck', w.id::text, 'progress', 'stuck', w.kind || ': ' || coalesce(w.last_error, '')
    FROM payment.workflow w WHERE w.status = 'stuck'
    UNION ALL
    SELECT 'event_dead', o.id::text, 'consumed', 'dead letter',
           o.kind || ' of ' || o.subject || ': ' || coalesce(d.last_error, '')
    FROM "order".delivery d JOIN "order".outbox o ON o.seq = d.seq
    WHERE d.consumer = 'payment' AND d.dead_at IS NOT NULL
      AND EXISTS (SELECT 1 FROM "order"."order" x WHERE x.id = o.subject)
)
SELECT finding, id, expected, found, detail FROM finding ORDER BY finding, id, detail
