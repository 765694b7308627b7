-- Before a page read from Postgres is answered: raises the floor to its version, and keeps the page.
-- KEYS: page, floor, epoch.
-- ARGV: version, life of the floor in ms, page or '' for none, epoch and time of the look before the
-- read, life of a page in ms, longest time from look to fill in ms. Answers 1 when it kept the page.
local version, life = tonumber(ARGV[1]), tonumber(ARGV[6])
local floor = tonumber(redis.call('GET', KEYS[2]) or '0')
-- Whatever else is refused: this version is about to be seen.
if floor <= version then
    redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
end
if ARGV[3] == '' or floor > version then
    return 0
end
local run = string.match(tostring(redis.pcall('INFO', 'server')), 'run_id:(%w+)') or '-'
if run .. ':' .. (redis.call('GET', KEYS[3]) or '') ~= ARGV[4] then
    return 0
end
-- By Redis' own clock from before the read, so that no delay on the way makes a page live longer.
local now = redis.call('TIME')
local since = now[1] * 1000 + math.floor(now[2] / 1000) - tonumber(ARGV[5])
if since < 0 or since > tonumber(ARGV[7]) or since >= life then
    return 0
end
redis.call('SET', KEYS[1], ARGV[3], 'PX', life - since)
return 1
