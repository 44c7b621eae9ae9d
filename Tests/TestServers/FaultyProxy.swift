import NIOCore
import NIOPosix
import Synchronization

/// Stands between clients and a server, both on 127.0.0.1, and does to their connections what networks do.
package final class FaultyProxy: Sendable {
    /// Where clients connect.
    package let port: Int
    private let listener: any Channel
    private let links: ProxiedLinks

    /// - Parameter target: the server's port; it need not listen yet.
    package static func start(to target: Int) async throws -> FaultyProxy {
        let links = ProxiedLinks()
        // One loop for everything: a link's two ends never run at the same time.
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let listener = try await ServerBootstrap(group: loop)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.autoRead, value: false)
            .childChannelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 1 << 16))
            .childChannelInitializer { client in
                // Once it has been accepted: a channel that is not registered cannot begin to read.
                loop.execute {
                    ClientBootstrap(group: loop).channelOption(.autoRead, value: false)
                        .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 1 << 16))
                        .connect(host: "127.0.0.1", port: target)
                        .flatMap { server in Self.join(client, server, links) }
                        .whenFailure { _ in client.close(promise: nil) }
                }
                return loop.makeSucceededVoidFuture()
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return FaultyProxy(listener, links)
    }

    private init(_ listener: any Channel, _ links: ProxiedLinks) {
        self.listener = listener
        self.links = links
        port = listener.localAddress?.port ?? 0
    }

    private static func join(_ client: any Channel, _ server: any Channel, _ links: ProxiedLinks)
        -> EventLoopFuture<Void>
    {
        let link = ProxiedLink(client, server)
        links.add(link)
        client.closeFuture.whenComplete { _ in
            links.remove(link)
            link.reset()
        }
        return server.eventLoop.makeCompletedFuture {
            try client.pipeline.syncOperations.addHandler(Requests(link, links))
            try server.pipeline.syncOperations.addHandler(Answers(link))
        }.flatMap { client.setOption(.autoRead, value: true).and(server.setOption(.autoRead, value: true)) }.map { _ in
        }
    }

    /// Resets every connection.
    ///
    /// - Returns: how many there were.
    @discardableResult
    package func cut() -> Int {
        let all = links.all
        for link in all { link.reset() }
        return all.count
    }

    /// Swallows whatever comes on the connections of this moment, in both directions, and resets them after `time`. What was
    /// swallowed is lost, so no connection can go on.
    package func goHalfOpen(for time: Duration) async throws {
        let all = links.all
        for link in all { link.swallow() }
        defer { for link in all { link.reset() } }
        try await Task.sleep(for: time)
    }

    /// Lets the next COMMIT of a changing transaction through to PostgreSQL, and resets the connection when the answer comes.
    package func loseNextCommitAnswer() { links.arm() }

    /// Lets the next request that holds these words through, and nothing of the answer, on its connection, until that is cut.
    package func loseNextAnswer(to request: StaticString) { links.loseNextAnswer(to: request) }

    /// Takes their fields from the next `count` entries that are added to a stream whose name holds these words; every second one is no
    /// JSON then.
    package func spoilNext(_ count: Int, to stream: StaticString) { links.spoilNext(count, to: stream) }

    /// How many entries lost their fields.
    package var spoiled: Int { links.spoiled }

    /// How many answers to COMMIT were lost.
    package var lostCommitAnswers: Int { links.lost }

    /// Ends it; connections are reset.
    package func close() async throws {
        try await listener.close()
        cut()
    }
}
