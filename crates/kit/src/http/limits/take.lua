-- Takes up to ARGV[3] tokens from the bucket KEYS[1], which holds ARGV[2] of them and fills in ARGV[1]
-- milliseconds. The bucket is one number, the time at which it is full again, so that a bucket that is
-- full is no key at all. By Redis' own clock: the instances' need not agree.
-- Answers: taken, left, milliseconds until it is full, milliseconds until there is one if none was taken.
local t = redis.call('TIME')
local now = t[1] * 1000 + t[2] / 1000
local window, quota, want = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local each = window / quota
local full = tonumber(redis.call('GET', KEYS[1]) or now)
-- Written under another policy it may lie further off than this one allows.
full = math.min(math.max(full, now), now + window)
local left = math.floor((now + window - full) / each + 0.000001)
local taken = math.min(want, left)
local wait = 0
if taken > 0 then
  full = full + taken * each
  redis.call('SET', KEYS[1], string.format('%.3f', full), 'PX', math.max(1, math.ceil(full - now)))
else
  wait = math.max(1, math.ceil(full + each - now - window))
end
return {taken, left - taken, math.ceil(full - now), wait}
