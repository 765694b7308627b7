-- What the cache knows of a product's page: the page, its floor, the epoch, and the time.
-- KEYS: page, floor, epoch. ARGV: the mark of a new epoch, should this be one.
-- The epoch ends when Redis loses its keys (the mark is gone) and when it restarts, even with keys
-- that it saved a while ago (the run's id is another). Nothing from before an epoch is believed.
local run = string.match(tostring(redis.pcall('INFO', 'server')), 'run_id:(%w+)') or '-'
redis.call('SET', KEYS[3], ARGV[1], 'NX')
local now = redis.call('TIME')
return {
    redis.call('GET', KEYS[1]) or '',
    redis.call('GET', KEYS[2]) or '',
    run .. ':' .. redis.call('GET', KEYS[3]),
    now[1] * 1000 + math.floor(now[2] / 1000),
}
