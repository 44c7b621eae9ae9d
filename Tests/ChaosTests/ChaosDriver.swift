import ProcessDriver

/// Does to a cluster, one after the other and partly at the same time, what is in the deck.
struct ChaosDriver: Sendable {
    let cluster: Cluster
    let dice: SeededDice
    let tally = ChaosTally()

    /// Longer than a consumer's deliveries are left to it, 15 seconds.
    private static let stopMilliseconds = 15_500..<19_000
    /// How many workers are stopped at the same time, at most.
    private static let stoppedAtOnce = 2

    /// Adds the last entries of every stream once more, with the same fields: what is handled or being handled comes again, under
    /// another entry's id, as from a relay that was not told that its first attempt arrived.
    private static let doubling = """
        local doubled = 0
        for _, key in ipairs(redis.call('KEYS', '*')) do
            if redis.call('TYPE', key)['ok'] == 'stream' then
                local last = redis.call('XREVRANGE', key, '+', '-', 'COUNT', ARGV[1])
                for index = #last, 1, -1 do
                    redis.call('XADD', key, '*', unpack(last[index][2]))
                    doubled = doubled + 1
                end
            end
        end
        return doubled
        """

    /// Adds the last event of every stream of one type once more, without what it says: nobody can read it, and the event itself is
    /// elsewhere. Of an entry that has several it takes the first.
    private static let garbling = """
        local garbled = 0
        for _, key in ipairs(redis.call('KEYS', '*:' .. ARGV[1] .. ':*')) do
            local last = redis.call('XREVRANGE', key, '+', '-', 'COUNT', 1)[1]
            if last then
                local fields = last[2]
                for index = 1, #fields, 2 do
                    if fields[index] == 'data' then fields[index + 1] = '{}' end
                    if fields[index] == 'b' then
                        local events = fields[index + 1]
                        fields = {'h', string.sub(events, 9, 8 + struct.unpack('>I4', events)), 'data', '{}'}
                        break
                    end
                end
                redis.call('XADD', key, '*', unpack(fields))
                garbled = garbled + 1
            end
        end
        return garbled
        """

    /// Events of which the system knows what they must have said, or whose consumers all know when their order is settled.
    private static let garbledTypes = [
        "order.created", "order.failed", "order.cancelled", "order.completed", "order.settled", "payment.reserved",
        "inventory.reserved", "item.reserved", "payment.processed",
        "payment.confirmed", "inventory.confirmed", "item.deducted",
    ]

    /// Ends when every fault is over: all processes run, both servers answer.
    ///
    /// - Throws: `WaitedInVain`; whatever a server's end and start throw.
    func run(_ deck: [Fault]) async throws {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            var stopped = 0
            for fault in deck {
                if fault == .stop {
                    while stopped == Self.stoppedAtOnce { if try await group.next() == true { stopped -= 1 } }
                    stopped += 1
                }
                try await begin(fault, in: &group)
                try await pause(.milliseconds(150 + dice.below(700)))
            }
            try await group.waitForAll()
        }
    }

    /// Processes come and go beside what follows; the servers do so alone.
    private func begin(_ fault: Fault, in group: inout ThrowingTaskGroup<Bool, any Error>) async throws {
        switch fault {
        case .kill:
            let node = try await take(from: cluster.nodes)
            group.addTask {
                try await kill(node)
                return false
            }
        case .stop:
            let node = try await take(from: cluster.workers)
            let time = Self.stopMilliseconds.lowerBound + dice.below(Self.stopMilliseconds.count)
            group.addTask {
                try await suspend(node, for: .milliseconds(time))
                return true
            }
        case .halfOpen:
            let proxy = dice.chance(50) ? cluster.postgresProxy : cluster.redisProxy
            let time = 1000 + dice.below(4000)
            group.addTask {
                try await proxy.goHalfOpen(for: .milliseconds(time))
                return false
            }
        case .restartPostgres: try await cluster.postgres.restartImmediately()
        case .killRedis:
            try await cluster.redis.kill()
            try await pause(.milliseconds(dice.below(2000)))
            try await cluster.redis.restart()
        case .flush: try cluster.redis.call("FLUSHALL")
        case .cut: (dice.chance(50) ? cluster.postgresProxy : cluster.redisProxy).cut()
        case .loseCommit: cluster.postgresProxy.loseNextCommitAnswer()
        case .garble:
            let type = Self.garbledTypes[dice.below(Self.garbledTypes.count)]
            _ = try cluster.redis.call("EVAL", Self.garbling, "0", type)
        case .duplicate: _ = try cluster.redis.call("EVAL", Self.doubling, "0", "50")
        }
        tally.count(fault)
    }

    /// One of them to which nobody does anything else.
    private func take(from nodes: [ClusterNode]) async throws -> ClusterNode {
        try await waiting(for: "a process that runs", within: .seconds(120)) {
            let node = nodes[dice.below(nodes.count)]
            return await node.take() ? node : nil
        }
    }

    private func kill(_ node: ClusterNode) async throws {
        if let end = await node.unexpectedEnd { throw EndedByItself(description: end) }
        try await cluster.kill(node)
        try await cluster.start(node)
        await node.giveBack()
    }

    private func suspend(_ node: ClusterNode, for time: Duration) async throws {
        await node.suspend()
        try await pause(time)
        await node.resume()
        await node.giveBack()
    }
}

/// A process that nobody ended is gone.
struct EndedByItself: Error, CustomStringConvertible {
    let description: String
}
