-- Gives a lock back, if it is still the owner's. KEYS: writer, readers, waiting. ARGV: owner, mode. Answers
-- 1, or 0 when it is not. Who waited for it and gave up does not keep readers waiting.
if redis.call('GET', KEYS[3]) == ARGV[1] then redis.call('DEL', KEYS[3]) end
if ARGV[2] == 'write' then
  if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
  return redis.call('DEL', KEYS[1])
end
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local ends = tonumber(redis.call('ZSCORE', KEYS[2], ARGV[1]) or '0')
redis.call('ZREM', KEYS[2], ARGV[1])
if ends <= now then return 0 end
return 1
