-- Takes a lock. KEYS: writer, readers, waiting, fence. ARGV: owner, mode, lease and the life of the mark of
-- a waiting writer in milliseconds. Answers {1, fence}, or {0, milliseconds after which to ask again}.
-- Who has it already gets it again: the answer to the first time may have been lost.
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local owner, lease = ARGV[1], tonumber(ARGV[3])
local writer = redis.call('GET', KEYS[1])
if writer and writer ~= owner then return {0, math.max(1, redis.call('PTTL', KEYS[1]))} end
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
local fence = tonumber(redis.call('GET', KEYS[4]) or '0')
if ARGV[2] == 'read' then
  -- Readers who come one after another would keep a writer out for ever.
  local waits = redis.call('PTTL', KEYS[3])
  if waits > 0 then return {0, waits} end
  redis.call('ZADD', KEYS[2], now + lease, owner)
  redis.call('PEXPIRE', KEYS[2], math.max(lease, redis.call('PTTL', KEYS[2])))
  return {1, fence}
end
local last = redis.call('ZRANGE', KEYS[2], -1, -1, 'WITHSCORES')[2]
if last then
  redis.call('SET', KEYS[3], owner, 'PX', ARGV[4])
  return {0, math.max(1, last - now)}
end
-- Higher than any before, also when Redis has forgotten them.
fence = math.max(fence + 1, t[1] * 1000000 + t[2])
redis.call('SET', KEYS[4], string.format('%.0f', fence), 'EX', 2592000)
redis.call('SET', KEYS[1], owner, 'PX', lease)
if redis.call('GET', KEYS[3]) == owner then redis.call('DEL', KEYS[3]) end
return {1, fence}
