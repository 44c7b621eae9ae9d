import SagaChoreography

/// What must look and act in one step: Redis runs a script as one command.
enum StreamScripts {
    /// Deletes the entries of a stream that every group has received and acknowledged; none while one of `groups` is missing.
    ///
    /// - Returns: a command that answers how many were deleted.
    static func trim(_ key: String, behind groups: [ServiceID]) -> RedisCommand {
        RedisCommand(["EVAL", trimming, "1", key] + groups.map(\.name))
    }

    /// Removes consumers that hold no delivery and have been silent for `idle`. A consumer that is removed while it holds some
    /// would take them along, as if they were acknowledged.
    ///
    /// - Returns: a command that answers how many were removed.
    static func removeConsumers(
        _ key: String, of group: ServiceID, idle: Duration, only name: String = ""
    ) -> RedisCommand {
        RedisCommand("EVAL", removing, "1", key, group.name, String(idle.wholeMilliseconds), name)
    }

    /// Makes streams and groups that are missing; a group begins before the first entry, so it misses none. If one of them was
    /// there before in this life of the data, it was deleted, and what it had yet to acknowledge is forgotten: another life
    /// begins, in the same step.
    ///
    /// - Returns: a command that answers how many were made.
    static func makeGroups(_ keys: [String], of group: ServiceID, generationKey: String) -> RedisCommand {
        RedisCommand(
            ["EVAL", making, String(keys.count + 1)] + keys + [generationKey, group.name, Generation.fresh()])
    }

    /// How many entries are looked at to count the events of all.
    static let sample = 20

    /// Counts events that a group has yet to acknowledge.
    ///
    /// - Parameter received: the last entry that the group was given.
    /// - Returns: a command that answers with four numbers: of what it was given and did not acknowledge, how many entries were looked at, and how
    ///   many events they have; the same of what it was not given.
    static func count(_ key: String, of group: ServiceID, behind received: String) -> RedisCommand {
        RedisCommand("EVAL", counting, "1", key, group.name, received, String(sample))
    }

    private static let counting = """
        \(fields)
        local function add(found, entries)
            for _, entry in ipairs(entries) do
                found[1] = found[1] + 1
                found[2] = found[2] + (tonumber(fields(entry[2])['n']) or 1)
            end
        end
        local given, new = {0, 0}, {0, 0}
        local pending = redis.pcall('XPENDING', KEYS[1], ARGV[1], '-', '+', ARGV[3])
        if not pending['err'] then
            for _, row in ipairs(pending) do add(given, redis.call('XRANGE', KEYS[1], row[1], row[1])) end
        end
        add(new, redis.call('XRANGE', KEYS[1], '(' .. ARGV[2], '+', 'COUNT', ARGV[3]))
        return {given[1], given[2], new[1], new[2]}
        """

    private static let making = """
        local home = KEYS[#KEYS]
        local made, again = 0, 0
        for i = 1, #KEYS - 1 do
            local reply = redis.pcall('XGROUP', 'CREATE', KEYS[i], ARGV[1], '0', 'MKSTREAM')
            if not reply['err'] then
                made = made + 1
                again = again + 1 - redis.call('HSET', home, KEYS[i] .. ' ' .. ARGV[1], '1')
            elseif not string.find(reply['err'], 'BUSYGROUP', 1, true) then
                return reply
            end
        end
        if again > 0 then redis.call('HSET', home, 'id', ARGV[2]) end
        return made
        """

    private static let fields = """
        local function fields(flat)
            local map = {}
            for i = 1, #flat, 2 do map[flat[i]] = flat[i + 1] end
            return map
        end
        """

    private static let trimming = """
        \(fields)
        local function parts(id)
            local ms, seq = string.match(id, '^(%d+)-(%d+)$')
            return tonumber(ms), tonumber(seq)
        end
        if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
        local found = {}
        for _, flat in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
            local group = fields(flat)
            found[group['name']] = group
        end
        local keep, keepMs, keepSeq
        for _, name in ipairs(ARGV) do
            local group = found[name]
            if not group then return 0 end
        end
        -- Also behind groups that this process does not know: a newer version's.
        for name, group in pairs(found) do
            local id
            if group['pending'] > 0 then
                id = redis.call('XPENDING', KEYS[1], name)[2]
            else
                local ms, seq = parts(group['last-delivered-id'])
                id = string.format('%.0f-%.0f', ms, seq + 1)
            end
            local ms, seq = parts(id)
            if not keep or ms < keepMs or (ms == keepMs and seq < keepSeq) then
                keep, keepMs, keepSeq = id, ms, seq
            end
        end
        if not keep then return 0 end
        return redis.call('XTRIM', KEYS[1], 'MINID', keep)
        """

    private static let removing = """
        \(fields)
        local removed = 0
        local consumers = redis.pcall('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])
        if consumers['err'] then return 0 end
        for _, flat in ipairs(consumers) do
            local consumer = fields(flat)
            local isMeant = ARGV[3] == '' or ARGV[3] == consumer['name']
            if isMeant and consumer['pending'] == 0 and consumer['idle'] >= tonumber(ARGV[2]) then
                redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], consumer['name'])
                removed = removed + 1
            end
        end
        return removed
        """
}
