-- Holds a lock for longer, if it is still the owner's. KEYS: writer, readers. ARGV: owner, mode, lease in
-- milliseconds. Answers 1, or 0 when it is not.
local owner, lease = ARGV[1], tonumber(ARGV[3])
if ARGV[2] == 'write' then
  if redis.call('GET', KEYS[1]) ~= owner then return 0 end
  return redis.call('PEXPIRE', KEYS[1], lease)
end
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local ends = tonumber(redis.call('ZSCORE', KEYS[2], owner) or '0')
if ends <= now then return 0 end
redis.call('ZADD', KEYS[2], now + lease, owner)
redis.call('PEXPIRE', KEYS[2], math.max(lease, redis.call('PTTL', KEYS[2])))
return 1
