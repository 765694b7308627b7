-- After a write: nobody is to be answered an older version from here on.
-- KEYS: page, floor. ARGV: version, life of the floor in ms.
local version = tonumber(ARGV[1])
if tonumber(redis.call('GET', KEYS[2]) or '0') <= version then
    redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
end
-- Unless somebody has read this version, or a newer one, and kept it already.
local kept = tonumber(string.match(redis.call('GETRANGE', KEYS[1], 0, 19), '^%d+') or '0')
if kept < version then
    redis.call('DEL', KEYS[1])
end
return 0
